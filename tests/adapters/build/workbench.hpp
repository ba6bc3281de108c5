#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/build/clean_workshop.hpp"

namespace workbench {

using namespace bisectd;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

template <class T>
T finish(Task<T> task) {
    boost::asio::io_context context;
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(task),
                          [&result, &thrown](std::exception_ptr e, T value) {
                              thrown = e;
                              if (!e) result = std::move(value);
                          });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

/// A folder that is gone with the object.
struct Folder {
    std::filesystem::path path;
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const std::string& name) const { return (path / name).string(); }
};

void write(const std::string& file, const std::string& text);
std::string read(const std::string& file);
/// Runs a shell command; fails the test when it fails. Returns its output.
std::string sh(const std::string& folder, const std::string& command);

/// A toy kernel with a history: a Makefile that knows a kernel's targets.
class ToyKernel {
  public:
    ToyKernel();
    /// Writes files and commits everything; returns the id.
    CommitId commit(const std::string& subject);
    void put(const std::string& name, const std::string& text) { write(folder / name, text); }
    std::string tree(const CommitId& id) const;
    /// A bare repository with everything committed until now.
    std::string mirror() const;
    Folder folder;

  private:
    mutable Folder mirrors_;
};

/// A workshop with a recipe, for the toy kernel.
struct Bench {
    Folder data, recipe;
    ToyKernel toy;
    CommitId first;
    CleanWorkshop workshop;
    explicit Bench(build::WorkshopOptions options = {});
    BuildOrder order(const CommitId& commit);
    Result<PrepareResult> prepare(const BuildOrder& order) {
        return finish(workshop.prepare(order));
    }
    /// Prepares and builds; the test fails when the tree cannot be prepared.
    Result<BuildResult> build(BuildOrder order, ProgressSink progress = {});
    /// The same, and the artefact; the test fails when there is none.
    Artefact artefact(BuildOrder order);
    std::string source() const { return data / "builders/1/source"; }
    std::string output() const { return data / "builders/1/output"; }
};

}  // namespace workbench

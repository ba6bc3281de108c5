#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "adapters/git/git_repository.hpp"

namespace bisectd::test {

/// A new folder that goes with the object.
class Scratch {
  public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "bisectd-git-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Scratch() {
        std::error_code failure;
        std::filesystem::remove_all(path_, failure);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

/// How a shell command ended, and its standard output.
struct Shell {
    int status = -1;
    std::string output;
};
Shell shell(const std::string& command);

/// `git -C folder arguments`, as a careful user: no configuration of the machine, fixed names and
/// dates. The arguments are shell text. Requires success; returns standard output without its end.
std::string git_in(const std::string& folder, const std::string& arguments);

/// Lines of `text`.
std::vector<std::string> lines_of(const std::string& text);

/// Runs a task to its end, at most two minutes.
template <class T>
T finish(Task<T> task) {
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(task),
                          [&result](const std::exception_ptr& error, T value) {
                              if (error) std::rethrow_exception(error);
                              result.emplace(std::move(value));
                          });
    context.run_for(std::chrono::minutes(2));
    REQUIRE(result);
    return std::move(*result);
}

/// A clone of a user and a repository adapter with its mirrors beside it.
struct Lab {
    Scratch scratch;
    boost::asio::thread_pool pool{2};
    std::string clone = scratch / "clone";
    GitRepository repository{pool, scratch / "mirrors"};

    Lab();
    /// Commits a change of `file` and returns the id.
    std::string commit(const std::string& subject, const std::string& file = "file");
    Result<Range> resolve(const std::string& bad, std::vector<std::string> good,
                          std::vector<std::string> paths = {}, bool first_parent = false);
    /// The sentence with which a resolve is refused; requires that it is, as a wrong request.
    std::string refusal(const std::string& bad, std::vector<std::string> good,
                        std::vector<std::string> paths = {});
};

}  // namespace bisectd::test

#pragma once
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::test {

/// A folder that is gone with the object.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "bisectd-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

inline std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline void write(const std::string& path, std::string_view text,
                  std::ios::openmode mode = std::ios::trunc) {
    std::ofstream file(path, std::ios::binary | mode);
    file << text;
}

/// One thread of Asio that a test turns by hand until something is true.
class Bench {
  public:
    boost::asio::io_context io;
    TemporaryFolder folder;

    boost::asio::any_io_executor executor() { return io.get_executor(); }

    /// Whether `condition` came true before `limit`.
    bool until(const std::function<bool()>& condition,
               std::chrono::milliseconds limit = std::chrono::seconds(60)) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            io.run_one_for(std::chrono::milliseconds(10));
        }
        return true;
    }

    template <class T>
    T run(Task<T> task, std::chrono::milliseconds limit = std::chrono::seconds(120)) {
        std::optional<T> result;
        std::exception_ptr thrown;
        auto done = [&result, &thrown](std::exception_ptr error, T value) {
            thrown = error;
            result = std::move(value);
        };
        boost::asio::co_spawn(io, std::move(task), done);
        REQUIRE(until([&result] { return result.has_value(); }, limit));
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*result);
    }

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io.get_executor()};
};

}  // namespace bisectd::test

#pragma once
#include <stdlib.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "adapters/notify/configured_herald.hpp"

namespace bisectd::tests {

inline const std::string hostile =
    "$(touch hacked) `id` ; 'x' \"y\"\r\nBcc: eve@example.org\n\x1b[2J\xff";

inline Notice notice() {
    Notice notice;
    notice.kind = NoticeKind::found;
    notice.bisection = 3;
    notice.about = 77;
    notice.title = "brk";
    notice.repository = "/home/kim/linux";
    notice.recipe = "brk";
    notice.boards = {"vb1", "vb2"};
    notice.outcome = "culprit";
    notice.commit = *CommitId::parse(std::string(40, 'c'));
    notice.subject = hostile;
    notice.text = hostile;
    return notice;
}

/// A folder of its own, programs in it, and what they left behind.
class Place {
  public:
    Place() {
        std::string name =
            (std::filesystem::temp_directory_path() / "bisectd-notify-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
    }
    ~Place() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::string write_program(const std::string& name, const std::string& text) const {
        std::ofstream(path(name)) << "#!/bin/sh\n" << text;
        REQUIRE(::chmod(path(name).c_str(), 0755) == 0);
        return path(name);
    }
    std::string read(const std::string& name) const {
        std::ifstream in(path(name));
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    /// Tells it and waits, at most a minute.
    Result<void> tell(const NotifySpec& spec, const std::string& way) const {
        ConfiguredHerald herald(spec, path("notices"));
        boost::asio::io_context context;
        std::optional<Result<void>> result;
        boost::asio::co_spawn(context, herald.tell(way, notice()),
                              [&result](const std::exception_ptr& thrown, Result<void> told) {
                                  if (!thrown) result = std::move(told);
                              });
        context.run_for(std::chrono::seconds(60));
        REQUIRE(result);
        // Nothing of it stays on the disk.
        CHECK(std::filesystem::is_empty(path("notices")));
        return *result;
    }

  private:
    std::string folder_;
};

}  // namespace bisectd::tests

#pragma once
#include <string>

namespace bisectd::test {

/// A fresh folder that is gone with the object.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string file(const std::string& name) const { return folder_ + "/" + name; }

  private:
    std::string folder_;
};

/// What the sqlite3 program printed (standard output and error) and how it ended.
struct ShellEnd {
    int exit = -1;
    std::string text;
};

/// Gives `sql` to the sqlite3 program, as a person would.
ShellEnd sqlite3_shell(const std::string& database, const std::string& sql);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace bisectd::test

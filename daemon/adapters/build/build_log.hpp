#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bisectd::build {

/// Reads the output of a build as it comes: how far it is, and, when it fails, who is to blame.
/// Hostile text in any pieces; memory is bounded.
class BuildLog {
  public:
    /// The line that says that a command has begun, inside its sandbox and its limits.
    static constexpr std::string_view begun_mark = "== bisectd: it begins";
    /// Called for each step that make tells ("  CC      init/main.o").
    using StepSink = std::function<void(std::uint64_t steps, std::string_view file)>;
    explicit BuildLog(StepSink sink) : sink_(std::move(sink)) {}

    void take(std::string_view piece);
    /// The build has ended: a last line without an end counts too.
    void finish();

    std::uint64_t steps() const { return steps_; }
    /// A line that shows a fault of the machine (killed, no memory, disk full, program missing);
    /// empty: none was seen. Means something only when the build failed.
    const std::string& machine_fault() const { return machine_fault_; }
    /// The mark was seen.
    bool begun() const { return begun_; }
    /// The first error lines; without any, the last lines. At most 4 KiB.
    std::string excerpt() const;

  private:
    void line(std::string_view text);
    StepSink sink_;
    std::string rest_;  ///< of the line that has not ended yet
    std::uint64_t steps_ = 0;
    bool begun_ = false;
    std::string machine_fault_;
    std::vector<std::string> errors_;
    std::deque<std::string> last_;
    std::size_t after_error_ = 0;  ///< lines that still belong to an error (the source, a caret)
};

}  // namespace bisectd::build

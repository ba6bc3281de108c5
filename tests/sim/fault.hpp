#pragma once
#include <array>
#include <cstddef>

#include "core/words.hpp"

namespace bisectd::sim {

/// What can go wrong in the simulated world. Each is drawn where it would strike: one chance a
/// connection, a command, a boot, a write.
enum class Fault {
    // The way to a board.
    connection_refused,
    connection_hangs,
    connection_lost_before,  ///< a command never arrives
    connection_lost_after,   ///< its effect is there, its answer is lost
    half_open_before,        ///< the same without a word: silence until the limit
    half_open_after,
    lost_while_following,
    half_open_while_following,
    upload_lost,
    upload_hangs,
    upload_corrupted,
    // The agent.
    agent_talks_rubbish,
    agent_cut_short,
    agent_fails,
    agent_tells_twice,
    agent_killed,
    // The board.
    boot_hangs,
    boot_panics,
    board_stuck,  ///< until its power was off for a while
    boot_without_network,
    kernel_forgotten,  ///< the armed kernel is not booted
    kernel_wrong,
    reboot_ignored,
    silent_reboot,
    reboot_unseen,  ///< while nobody talks to the board: it is up again when somebody does
    freeze_in_run,
    panic_in_run,
    reproducer_hangs,
    precondition_unmet,
    arming_fails,
    fallback_broken,  ///< until a person mends it
    board_dies,       ///< for good: it is replaced
    boot_folder_full,
    work_folder_full,
    // Power switch and console.
    power_refuses,
    power_refuses_twice,  ///< and then works
    power_lies,           ///< says yes and does nothing
    power_says_no_lie,    ///< says no and has done it
    console_noise,
    console_loss,
    console_unreadable,
    // The controller.
    journal_full,
    journal_doubtful,  ///< the write fails, the daemon stops; what was written is there, or not
    kill_before_write,
    kill_after_write,
    kill_anywhere,
    stopped,  ///< SIGTERM
    clock_jumps,
    mirror_unreadable,
    checkout_disk_full,
    disk_fills,  ///< until something is removed, or a person makes room
    builder_out_of_memory,
    build_hangs,
    artefact_lost,
};

}  // namespace bisectd::sim

namespace bisectd {

template <>
struct Words<sim::Fault> {
    static constexpr auto all = word_table<sim::Fault>({
        {sim::Fault::connection_refused, "connection refused"},
        {sim::Fault::connection_hangs, "connection hangs"},
        {sim::Fault::connection_lost_before, "connection lost before"},
        {sim::Fault::connection_lost_after, "connection lost after"},
        {sim::Fault::half_open_before, "half open before"},
        {sim::Fault::half_open_after, "half open after"},
        {sim::Fault::lost_while_following, "lost while following"},
        {sim::Fault::half_open_while_following, "half open while following"},
        {sim::Fault::upload_lost, "upload lost"},
        {sim::Fault::upload_hangs, "upload hangs"},
        {sim::Fault::upload_corrupted, "upload corrupted"},
        {sim::Fault::agent_talks_rubbish, "agent talks rubbish"},
        {sim::Fault::agent_cut_short, "agent cut short"},
        {sim::Fault::agent_fails, "agent fails"},
        {sim::Fault::agent_tells_twice, "agent tells twice"},
        {sim::Fault::agent_killed, "agent killed"},
        {sim::Fault::boot_hangs, "boot hangs"},
        {sim::Fault::boot_panics, "boot panics"},
        {sim::Fault::board_stuck, "board stuck"},
        {sim::Fault::boot_without_network, "boot without network"},
        {sim::Fault::kernel_forgotten, "kernel forgotten"},
        {sim::Fault::kernel_wrong, "kernel wrong"},
        {sim::Fault::reboot_ignored, "reboot ignored"},
        {sim::Fault::silent_reboot, "silent reboot"},
        {sim::Fault::reboot_unseen, "reboot unseen"},
        {sim::Fault::freeze_in_run, "freeze in run"},
        {sim::Fault::panic_in_run, "panic in run"},
        {sim::Fault::reproducer_hangs, "reproducer hangs"},
        {sim::Fault::precondition_unmet, "precondition unmet"},
        {sim::Fault::arming_fails, "arming fails"},
        {sim::Fault::fallback_broken, "fallback broken"},
        {sim::Fault::board_dies, "board dies"},
        {sim::Fault::boot_folder_full, "boot folder full"},
        {sim::Fault::work_folder_full, "work folder full"},
        {sim::Fault::power_refuses, "power refuses"},
        {sim::Fault::power_refuses_twice, "power refuses twice"},
        {sim::Fault::power_lies, "power lies"},
        {sim::Fault::power_says_no_lie, "power says no lie"},
        {sim::Fault::console_noise, "console noise"},
        {sim::Fault::console_loss, "console loss"},
        {sim::Fault::console_unreadable, "console unreadable"},
        {sim::Fault::journal_full, "journal full"},
        {sim::Fault::journal_doubtful, "journal doubtful"},
        {sim::Fault::kill_before_write, "kill before write"},
        {sim::Fault::kill_after_write, "kill after write"},
        {sim::Fault::kill_anywhere, "kill anywhere"},
        {sim::Fault::stopped, "stopped"},
        {sim::Fault::clock_jumps, "clock jumps"},
        {sim::Fault::mirror_unreadable, "mirror unreadable"},
        {sim::Fault::checkout_disk_full, "checkout disk full"},
        {sim::Fault::disk_fills, "disk fills"},
        {sim::Fault::builder_out_of_memory, "builder out of memory"},
        {sim::Fault::build_hangs, "build hangs"},
        {sim::Fault::artefact_lost, "artefact lost"},
    });
};

namespace sim {
constexpr std::size_t fault_count = Words<Fault>::all.size();
}  // namespace sim

}  // namespace bisectd

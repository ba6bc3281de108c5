#include <csignal>

#include "ctl/cli.hpp"

int main(int argc, char** argv) {
    // A reader that has gone ("| head") ends us quietly, even where the parent ignores SIGPIPE.
    std::signal(SIGPIPE, SIG_DFL);
    return bisectd::ctl::bisectctl(argc, argv, bisectd::ctl::standard_terminal());
}

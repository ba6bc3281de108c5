// Serves the fake's bisections until its input ends, to look at the pages in a browser.
#include <fstream>
#include <iostream>

#include "tests/adapters/http/test_server.hpp"

int main() {
    using namespace bisectd;
    tests::TestServer server([](tests::FakeControl& control) {
        control.add(tests::ended_bisection(1));
        BisectionState parked = tests::running_bisection(2);
        parked.activity = Activity::parked;
        parked.parked_ask =
            "Board vb1 does not answer, even after a power cycle. Look at its "
            "power supply and its SD card.";
        control.add(parked);
        control.add(tests::running_bisection(3));
        BisectionState inconclusive = tests::running_bisection(4);
        inconclusive.steps.pop_back();
        inconclusive.activity = Activity::ended;
        inconclusive.ended = BisectionEnded{Ending::inconclusive,
                                            {tests::commit_of('c'), tests::commit_of('d')},
                                            "The commits that are left cannot be built."};
        control.add(inconclusive);
        control.board_list = {{"vb1", "rpi4", 3, "leased", "", ""},
                              {"ia64", "rx2660", 2, "parked", "Is it on? Look at the BMC.", ""},
                              {"vb2", "rpi4", 0, "free", "", ""}};
        control.now = {"build", 1234, 5021, "drivers/gpu/drm/amd/display/dc/dcn32.o"};
        control.happen(1, RecoveryTried{"vb1", "new session", false, "no answer on port 22"});
        control.happen(1, RecoveryTried{"vb1", "power cycle", true, "off for 5 s"});
        control.happen(1, BoardRecovered{"vb1", "77aa12de"});
        control.happen(3, Noted{tests::hostile});
        std::ofstream(control.log_folder + "/build") << "  CC      mm/mmap.o\n";
    });
    std::cout << server.port() << ' ' << server.socket() << std::endl;
    std::string line;
    while (std::getline(std::cin, line)) {
        server.with([](tests::FakeControl& control) {
            control.happen(3, Noted{"something happened while you looked"});
        });
    }
    return 0;
}

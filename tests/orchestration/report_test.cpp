#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

TEST_CASE("report: of a whole bisection, with the people of the tree and of the commit",
          "[orchestration]") {
    World world = World::line(20, 13);
    world.message = "Signed-off-by: Maint <maint@example.org>\nReported-by: R <r@example.org>\n";
    world.files["MAINTAINERS"] = "MAIN\nM:\tKeeper <keeper@example.org>\nF:\tmain.c\n";
    Simulation sim(std::move(world));
    sim.start();
    const Result<ReportMail> early = sim.report();
    REQUIRE_FALSE(early);
    CHECK(early.error().kind == ErrorKind::request);
    sim.rest();
    const ReportMail mail = sim.report().value();
    INFO(mail.text);
    CHECK_THAT(mail.text, Contains("#regzbot introduced: " + id_of(13).hex() + "\n"));
    CHECK_THAT(mail.text, Contains("To: A Person <person@example.org>,\n"
                                   " Maint <maint@example.org>\n"));
    CHECK_THAT(mail.text, Contains("Keeper <keeper@example.org>"));
    CHECK_THAT(mail.text, Contains("R <r@example.org>"));
    CHECK_THAT(mail.text, Contains("- the culprit, again, " + id_of(13).brief() + ": bad"));
    CHECK_THAT(mail.text, Contains("- its parent, again, " + id_of(12).brief() + ": good"));
    CHECK_THAT(mail.text, Contains("Where the runs logs part"));
    CHECK_THAT(mail.text, Contains(": hit, exit 1, "));
    CHECK_THAT(mail.text, Contains("  git bisect start"));
    CHECK_THAT(mail.text, Contains("  bisectd 1.2.3\n"));
    CHECK_FALSE(sim.report(2));
    CHECK_FALSE(sim.report(1, "no such symptom"));
}

TEST_CASE("report: a cancelled bisection has none", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    REQUIRE(sim.supervisor().cancel(1));
    const Result<ReportMail> mail = sim.report();
    REQUIRE_FALSE(mail);
    CHECK_THAT(mail.error().what, Contains("cancelled"));
}

#include "adapters/build/kernel_config.hpp"

#include <catch2/catch.hpp>

using namespace bisectd::build;
using Strings = std::vector<std::string>;

TEST_CASE("fragments are laid over the base and later ones win", "[adapters][build]") {
    const std::string merged =
        merge_config("# comment\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n",
                     {"CONFIG_A=m\nCONFIG_D=\"x=y\"\n", "# CONFIG_A is not set\nCONFIG_C=y\r\n"});
    CHECK(merged == "# comment\nCONFIG_B=m\n# CONFIG_A is not set\nCONFIG_C=y\nCONFIG_D=\"x=y\"\n");
}

TEST_CASE("drift names what was changed and what vanished", "[adapters][build]") {
    const ConfigValues asked = read_config(
        "CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=m\n# CONFIG_D is not set\n# CONFIG_E is not set\n");
    const ConfigValues got =
        read_config("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_E=y\nCONFIG_NEW=y\n");
    CHECK(config_drift(asked, got, 10) == Strings{"CONFIG_B: asked y, is n",
                                                  "CONFIG_C: asked m, vanished",
                                                  "CONFIG_E: asked n, is y"});
    CHECK(config_drift(asked, got, 1) == Strings{"CONFIG_B: asked y, is n", "and 2 more"});
}

TEST_CASE("required lines are compared by value", "[adapters][build]") {
    const ConfigValues got = read_config("CONFIG_A=y\nCONFIG_B=m\n");
    CHECK(unfulfilled({"CONFIG_A=y", "# CONFIG_Z is not set"}, got).empty());
    CHECK(unfulfilled({"CONFIG_B=y", "CONFIG_C=y", "B"}, got) ==
          Strings{"required option 'CONFIG_B=y' is missing: it is m",
                  "required option 'CONFIG_C=y' is missing: it is not there",
                  "'B' is no line of a kernel configuration"});
}

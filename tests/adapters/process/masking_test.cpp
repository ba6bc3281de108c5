#include "adapters/process/masking.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

using bisectd::process::masked;

TEST_CASE("masking: what a command line names as a secret is not told", "[adapters]") {
    const char* said = "Error: cannot log in at bmc.lab as admin with swordfish-7";
    const char* shown = "Error: cannot log in at bmc.lab as admin with ***";
    CHECK(masked(said, "ipmitool -H bmc.lab -U admin -P swordfish-7 chassis power on") == shown);
    CHECK(masked(said, "IPMI_PASSWORD='swordfish-7' ipmitool -E -H bmc.lab power on") == shown);
    CHECK(masked(said, "pdu --password=swordfish-7 --host=bmc.lab on") == shown);
    CHECK(masked(said, "curl -u admin:swordfish-7 https://bmc.lab/on") == shown);
    CHECK(masked(said, "curl https://admin:swordfish-7@bmc.lab/on") == shown);
    CHECK(masked(said, "ipmitool -H bmc.lab -U admin -f /etc/bmc.password power on") == said);
}

TEST_CASE("masking: secrets of our own environment are not told", "[adapters]") {
    ::setenv("LAB_PDU_TOKEN", "swordfish-7", 1);
    CHECK(masked("HTTP 401 for swordfish-7, swordfish-7", "pdu on") == "HTTP 401 for ***, ***");
    ::unsetenv("LAB_PDU_TOKEN");
    CHECK(masked("HTTP 401 for swordfish-7", "pdu on") == "HTTP 401 for swordfish-7");
}

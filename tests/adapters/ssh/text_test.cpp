#include <catch2/catch.hpp>

#include "adapters/digest/sha256.hpp"
#include "adapters/ssh/key_text.hpp"
#include "adapters/ssh/lines.hpp"

using namespace bisectd::ssh;

TEST_CASE("lines: pieces of any size make the same lines", "[adapters]") {
    const std::string text = "one\n\ntwo\r\n" + std::string(20'000, 'x') + "\nthree";
    const std::vector<std::string> wanted{"one", "", "two\r", std::string(16 * 1024, 'x'), "three"};
    for (const std::size_t size : {1ul, 2ul, 7ul, 16'384ul, 100'000ul}) {
        std::vector<std::string> got;
        Lines lines([&got](std::string_view line) { got.emplace_back(line); });
        for (std::size_t at = 0; at < text.size(); at += size)
            lines.add(std::string_view(text).substr(at, size));
        CHECK(got.size() == 4);
        lines.end();
        CHECK(got == wanted);
    }
}

TEST_CASE("lines: the tail of the errors is bounded and fit for people", "[adapters]") {
    Tail tail;
    for (int i = 0; i < 100; ++i) tail.add(std::string(1000, 'a'));
    tail.add("end\n");
    CHECK(tail.text().size() == 4096);
    CHECK(tail.text().ends_with("aend\n"));
    CHECK(for_people("a\nb\033[1m\n\n") == "a b [1m");
    CHECK(for_people(tail.text()).size() == 500);
}

TEST_CASE("keys: a public key line is read and written", "[adapters]") {
    // Made for this test with ssh-keygen; the fingerprint is what ssh-keygen -l prints.
    const std::string line =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn8tXG8Wz3M6ZbLhKbDqxD7zDqgq5l2q1p3v5Yp4n8M";
    const auto key = read_public_key(line + " a comment\n");
    REQUIRE(key.has_value());
    CHECK(key->type == "ssh-ed25519");
    CHECK(key->blob.size() == 51);
    CHECK(key->line() == line);
    for (const char* wrong :
         {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAA", "ssh-ed25519 AAAA",
          "ssh-rsa AAAAC3NzaC1lZDI1NTE5", "ssh-ed25519 AAAA/////w=="})
        CHECK_FALSE(read_public_key(wrong).has_value());
}

TEST_CASE("keys: base64 and digests agree with known values", "[adapters]") {
    CHECK(encode_base64("") == "");
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("foobar") == "Zm9vYmFy");
    CHECK(decode_base64("Zg==") == "f");
    CHECK(decode_base64("Zm9v\nYmE=") == "fooba");
    for (const char* wrong : {"", "Z", "Zm9", "Zm9v!mFy", "===="})
        CHECK_FALSE(decode_base64(wrong).value_or("").size() > 3);
    bisectd::Sha256 digest;
    digest.add("a");
    digest.add("bc");
    CHECK(digest.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#include "adapters/config/daemon_config.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::World;

TEST_CASE("daemon config: an empty file works", "[adapters]") {
    World world;
    world.write("bisectd.toml", "");
    DaemonConfig settings = read_daemon_config(world.path("bisectd.toml")).value();
    CHECK(settings.listen == "127.0.0.1:8017");
    CHECK(settings.data_folder == "/var/lib/bisectd");
    CHECK(settings.log_level == "info");
    CHECK(settings.ccache_size == "20G");
    CHECK_FALSE(settings.recipe_folders.empty());
}

TEST_CASE("daemon config: relative paths are relative to the file", "[adapters]") {
    World world;
    world.write("etc/bisectd.toml", R"(data_folder = "../data"
builds_folder = "builds"
socket = "sock"
listen = ""
recipe_folders = ["recipes", "/usr/recipes"]
boards_folder = "boards"
jobs = 4
ccache_size = "500M"
log_level = "debug"
commit_url = "https://example.org/{commit}"
)");
    DaemonConfig settings = read_daemon_config(world.path("etc/bisectd.toml")).value();
    CHECK(settings.data_folder == world.path("data"));
    CHECK(settings.builds_folder == world.path("etc/builds"));
    CHECK(settings.socket == world.path("etc/sock"));
    CHECK(settings.listen.empty());
    CHECK(settings.recipe_folders ==
          std::vector<std::string>{world.path("etc/recipes"), "/usr/recipes"});
    CHECK(settings.boards_folder == world.path("etc/boards"));
    CHECK(settings.jobs == 4);
    CHECK(settings.ccache_size == "500M");
    CHECK(settings.log_level == "debug");
    CHECK(settings.commit_url == "https://example.org/{commit}");
}

TEST_CASE("daemon config: a file that is not there is an error with its name", "[adapters]") {
    World world;
    Result<DaemonConfig> settings = read_daemon_config(world.path("gone.toml"));
    REQUIRE_FALSE(settings.has_value());
    CHECK(settings.error().kind == ErrorKind::request);
    CHECK_THAT(world.shown(settings.error()), Contains("gone.toml: cannot be read"));
}

TEST_CASE("daemon config: the shipped example is good and shows the defaults", "[adapters]") {
    Result<DaemonConfig> settings = read_daemon_config(BISECTD_SOURCE "/config/bisectd.toml");
    if (!settings) FAIL(describe(settings.error()));
    DaemonConfig defaults;
    CHECK(settings->data_folder == defaults.data_folder);
    CHECK(settings->builds_folder == defaults.builds_folder);
    CHECK(settings->socket == defaults.socket);
    CHECK(settings->listen == defaults.listen);
    CHECK(settings->recipe_folders == defaults.recipe_folders);
    CHECK(settings->notify.on == defaults.notify.on);
    CHECK(settings->notify.command.empty());
    CHECK(settings->notify.mail_to.empty());
    CHECK(settings->notify.webhook.empty());
    CHECK(settings->notify.sendmail == defaults.notify.sendmail);
    CHECK(settings->notify.deadline == defaults.notify.deadline);
    CHECK(settings->boards_folder == defaults.boards_folder);
    CHECK(settings->commit_url == defaults.commit_url);
    CHECK(settings->ccache_size == defaults.ccache_size);
    CHECK(settings->log_level == defaults.log_level);
    CHECK(settings->storage.keep_free_bytes == defaults.storage.keep_free_bytes);
    CHECK(settings->storage.keep_free_percent == defaults.storage.keep_free_percent);
    CHECK(settings->storage.artefacts_bytes == defaults.storage.artefacts_bytes);
    CHECK(settings->storage.artefacts_age == defaults.storage.artefacts_age);
    CHECK(settings->storage.logs_bytes == defaults.storage.logs_bytes);
    CHECK(settings->storage.logs_age == defaults.storage.logs_age);
    CHECK(settings->builds.sandbox == defaults.builds.sandbox);
    CHECK(settings->builds.network == defaults.builds.network);
    CHECK(settings->builds.readable.empty());
    CHECK(settings->builds.memory_bytes == 0);
    CHECK(settings->builds.processors == 0);
}

TEST_CASE("daemon config: what builds may see and take", "[adapters]") {
    World world;
    world.write("etc/tools/gcc", "");
    world.write("etc/bisectd.toml", R"([builds]
sandbox = "required"
network = "always"
readable = ["tools/", "/usr"]
memory = "12G"
processors = 6
)");
    const DaemonConfig settings = read_daemon_config(world.path("etc/bisectd.toml")).value();
    CHECK(settings.file == world.path("etc/bisectd.toml"));
    CHECK(settings.builds.sandbox == SandboxUse::required);
    CHECK(settings.builds.network == NetworkUse::always);
    CHECK(settings.builds.readable == std::vector<std::string>{world.path("etc/tools"), "/usr"});
    CHECK(settings.builds.memory_bytes == 12ULL << 30);
    CHECK(settings.builds.processors == 6);
}

TEST_CASE("daemon config: a secret in a file that everybody can read is refused", "[adapters]") {
    World world;
    const std::string text = "[notify]\nwebhook = \"https://chat.example.org/hook/planted\"\n";
    world.write("bisectd.toml", text);
    CHECK(read_daemon_config(world.path("bisectd.toml")));
    std::filesystem::permissions(world.path("bisectd.toml"), std::filesystem::perms(0644));
    const auto refused = read_daemon_config(world.path("bisectd.toml"));
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().what, Contains("chmod o-rwx") && Contains("webhook_file"));
    CHECK_THAT(describe(refused.error()), !Contains("planted"));
}

TEST_CASE("daemon config: who is told; a secret address is never shown", "[adapters]") {
    World world;
    world.write("etc/bisectd.toml", R"([notify]
on = ["found", "found", "needs-a-person"]
command = ["/usr/local/bin/told", "--loud"]
mail_to = ["kim@example.org"]
mail_from = "lab@example.org"
sendmail = "/usr/bin/msmtp"
webhook_file = "webhook"
webhook_ca = "lab-ca.pem"
deadline = "2m"
)");
    const NotifySpec spec = read_daemon_config(world.path("etc/bisectd.toml")).value().notify;
    CHECK(spec.on == std::vector<NoticeKind>{NoticeKind::found, NoticeKind::needs_person});
    CHECK(spec.command == std::vector<std::string>{"/usr/local/bin/told", "--loud"});
    CHECK(spec.mail_to == std::vector<std::string>{"kim@example.org"});
    CHECK(spec.mail_from == "lab@example.org");
    CHECK(spec.sendmail == "/usr/bin/msmtp");
    CHECK(spec.webhook_file == world.path("etc/webhook"));
    CHECK(spec.webhook_ca == world.path("etc/lab-ca.pem"));
    CHECK(spec.deadline == std::chrono::minutes(2));
    for (const char* text :
         {"webhook = \"ftp://x/secret\"", "webhook = \"https://x/secret \"",
          "webhook = \"https://x/secret\"\nwebhook_file = \"y\"", "mail_to = [\"-oQ/tmp@x.org\"]",
          "mail_from = \"a@b.org\\nBcc: c@d.org\"", "sendmail = \"sendmail\"", "deadline = \"0s\"",
          "to = \"x\""}) {
        INFO(text);
        world.write("bad.toml", "[notify]\n" + std::string(text) + "\n");
        const auto settings = read_daemon_config(world.path("bad.toml"));
        REQUIRE_FALSE(settings);
        CHECK_THAT(describe(settings.error()), !Contains("secret"));
    }
}

TEST_CASE("daemon config: what is kept and what is left free", "[adapters]") {
    World world;
    world.write("bisectd.toml", "");
    const StorageSpec usual = read_daemon_config(world.path("bisectd.toml")).value().storage;
    CHECK(usual.keep_free_bytes == 1ULL << 30);
    CHECK(usual.artefacts_age == std::chrono::seconds(0));
    world.write("bisectd.toml", R"([storage]
keep_free = "5%"
artefacts = "500M"
artefacts_age = "30d"
logs = "1T"
logs_age = "never"
)");
    const StorageSpec spec = read_daemon_config(world.path("bisectd.toml")).value().storage;
    CHECK(spec.keep_free_percent == 5);
    CHECK(spec.artefacts_bytes == 500ULL << 20);
    CHECK(spec.artefacts_age == std::chrono::days(30));
    CHECK(spec.logs_bytes == 1ULL << 40);
    CHECK(spec.logs_age == std::chrono::seconds(0));
    world.write("bisectd.toml", "[storage]\nkeep_free = \"0%\"\n");
    CHECK(read_daemon_config(world.path("bisectd.toml")).value().storage.keep_free_bytes == 0);
    for (const char* text :
         {"keep_free = \"95%\"", "keep_free = \"-1G\"", "keep_free = \"\"", "keep_free = 5",
          "keep_free = \"99999999999999999999G\"", "artefacts = \"20\"", "artefacts = \"9999999T\"",
          "artefacts = \"1.5G\"", "artefacts_age = \"0d\"", "artefacts_age = \"2h\"",
          "logs = \"5%\"", "logs_age = \"99999999d\"", "log = \"1G\""}) {
        INFO(text);
        world.write("bad.toml", "[storage]\n" + std::string(text) + "\n");
        CHECK_FALSE(read_daemon_config(world.path("bad.toml")));
    }
}

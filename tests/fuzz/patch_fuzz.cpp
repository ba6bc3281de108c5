// A patch comes with a recipe. It is laid by the real git on a real tree with links in it, so a
// run is slow. Whatever the patch says: outside the tree and in git's own folder nothing changes,
// and the tree holds nothing that git does not know.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <map>

#include "adapters/build/patch_stack.hpp"
#include "core/c_text.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;
using build::SourceTree;

namespace {

namespace fs = std::filesystem;

template <class T>
T finish(Task<T> task) {
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(task), [&result](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    });
    context.run();
    BISECTD_ASSERT(result.has_value());
    return std::move(*result);
}

/// Runs a shell command in a folder and returns its first line.
std::string shell(const std::string& folder, const std::string& command) {
    const std::string line =
        "cd '" + folder + "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 " + command;
    FILE* const pipe = ::popen(line.c_str(), "r");
    BISECTD_ASSERT(pipe != nullptr);
    char text[200] = {};
    static_cast<void>(std::fgets(text, sizeof text, pipe));
    BISECTD_ASSERT(::pclose(pipe) == 0);
    std::string first = text;
    while (first.ends_with('\n')) first.pop_back();
    return first;
}

struct Scene {
    fuzz::ScratchFolder folder;
    build::Place place;
    std::unique_ptr<SourceTree> tree;
    std::string written;
    std::map<std::string, std::string> outside;

    Scene() {
        fs::create_directories(folder.path("user"));
        fs::create_directories(folder.path("data/builders/1/source"));
        folder.write("outside", "nobody writes here\n");
        const std::string user = folder.path("user");
        shell(user,
              "git init -q -b main . && printf 'one\\ntwo\\nthree\\n' >file && mkdir sub && "
              "printf 'x\\n' >sub/deep && ln -s ../../../.. out && ln -s /tmp absolute && "
              "ln -s ../../../../../outside sub/link && git add -A && git -c user.name=x "
              "-c user.email=x@example.org commit -q -m first");
        const std::string commit = shell(user, "git rev-parse HEAD");
        place.data = folder.path("data");
        tree = std::make_unique<SourceTree>(place, user + "/.git");
        BISECTD_ASSERT(finish(tree->check_out(*CommitId::parse(commit), "")).has_value());
        written = finish(tree->written()).value();
        outside = contents();
    }

    /// Every file that a patch may not touch. Of git's folder the index changes, and objects and
    /// the patch itself come.
    std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> all;
        for (fs::recursive_directory_iterator at(folder.folder()), end; at != end; ++at) {
            const std::string name = at->path().lexically_relative(folder.folder());
            if (name == "data/builders/1/source" || name == "data/builders/1/git/objects")
                at.disable_recursion_pending();
            if (name == "data/builders/1/git/index" || name == "data/patch") continue;
            std::string text = at->is_symlink() ? "link" : at->is_directory() ? "folder" : "";
            if (text.empty()) {
                std::ifstream in(at->path(), std::ios::binary);
                text.assign(std::istreambuf_iterator<char>(in), {});
            }
            all[name] = text;
        }
        return all;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Scene scene;
    build::StackedPatch patch;
    patch.name = "fuzz.patch";
    patch.text = fuzz::text_of(data, size);
    static_cast<void>(without_comments(patch.text));
    const auto laid =
        finish(build::lay_stack(*scene.tree, {patch}, scene.folder.path("data/patch")));
    // A patch that does not apply is a conflict; an error would be called a fault of the lab.
    BISECTD_ASSERT(laid.has_value());
    BISECTD_ASSERT(scene.contents() == scene.outside);
    const auto foreign = finish(scene.tree->git({"ls-files", "--others", "-z"}, 4096));
    BISECTD_ASSERT(foreign.has_value() && foreign->end.ok() && foreign->output.empty());
    BISECTD_ASSERT(finish(scene.tree->restore(scene.written)).has_value());
    return 0;
}

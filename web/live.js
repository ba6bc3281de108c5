// Keeps a page fresh: hears what happens and fetches the page again. The server makes all the
// HTML, so a page without this script shows the same, only not by itself.

const [, id] = location.pathname.match(/^\/bisections\/(\d+)/) ?? [];
const sign = document.getElementById("live");
const settleMs = 250;

let waiting = 0;
let fetching = false;
let again = false;

// What a person opened or closed stays so.
function keepDetails(from, to) {
    for (const old of from.querySelectorAll("details[id]")) {
        const fresh = to.querySelector(`#${CSS.escape(old.id)}`);
        if (fresh) fresh.open = old.open;
    }
}

async function refresh() {
    if (fetching) {
        again = true;
        return;
    }
    fetching = true;
    try {
        const answer = await fetch(location.pathname, { cache: "no-store" });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const old = document.querySelector("main");
        const fresh = page.querySelector("main");
        if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
        keepDetails(old, fresh);
        old.replaceWith(fresh);
        document.title = page.title;
    } catch {
        // The daemon is away; the event stream says so and comes back by itself.
    } finally {
        fetching = false;
        if (again) {
            again = false;
            soon();
        }
    }
}

function soon() {
    if (waiting || document.hidden) return;
    waiting = setTimeout(() => {
        waiting = 0;
        refresh();
    }, settleMs);
}

const kinds = [
    "bisection_requested", "range_resolved", "step_started", "attempt_started", "tree_prepared",
    "build_started", "built", "deployed", "boot_started", "kernel_proven", "runs_started",
    "runs_recorded", "attempt_ended", "verdict_given", "suspect_named", "recovery_tried",
    "board_recovered", "board_parked", "board_returned", "bisection_paused", "bisection_resumed",
    "bisection_ended", "noted", "progress",
];

const stream = new EventSource("/api/v1/events" + (id ? `?bisection=${id}` : ""));
for (const kind of kinds) stream.addEventListener(kind, soon);
stream.addEventListener("hello", () => {
    sign.textContent = "live";
    soon();
});
stream.addEventListener("error", () => {
    sign.textContent = "connection lost, trying again";
});
document.addEventListener("visibilitychange", soon);

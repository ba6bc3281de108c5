// Keeps a page fresh: hears what happens, fetches the page again and changes what differs. The
// server makes all the HTML, so a page without this script shows the same, only not by itself.

import { listenForActs } from "./act.js";
import { showLogs } from "./log.js";

const sign = document.getElementById("live");
const [, bisection] = location.pathname.match(/^\/bisections\/(\d+)/) ?? [];

// The first news is shown at once, more at most this often; apart by chance, so that many viewers
// do not ask at the same moment.
const restMs = 1000;
const spreadMs = 400;
const againMs = 1500;

const html = window.trustedTypes
    ? trustedTypes.createPolicy("bisectd", { createHTML: (text) => text })
    : { createHTML: (text) => text };

/** The document that an address of ours shows now; null when the daemon is away. */
export async function fetchPage(address) {
    try {
        const answer = await fetch(address);
        if (!answer.ok) return null;
        return new DOMParser().parseFromString(html.createHTML(await answer.text()), "text/html");
    } catch {
        return null; // the event stream says so and comes back by itself
    }
}

function sameKind(old, fresh) {
    return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName &&
        (old.id ?? "") === (fresh.id ?? "");
}

function takeAttributes(old, fresh) {
    for (const { name } of [...old.attributes])
        // What a person opened or closed stays so.
        if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes)
        if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
}

/** Makes `old` equal to `fresh` with as few changes as needed: focus, selection and scroll stay. */
function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
        if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
        return;
    }
    const typing = old === document.activeElement && old.matches("input, select, textarea");
    if (old.hasAttribute("data-keep") || typing) return;
    takeAttributes(old, fresh);
    let next = old.firstChild;
    for (const child of [...fresh.childNodes]) {
        let match = next;
        if (child.id && next && next.id !== child.id)
            match = [...old.children].find((each) => each.id === child.id) ?? null;
        if (match && sameKind(match, child)) {
            if (match !== next) old.insertBefore(match, next);
            else next = next.nextSibling;
            morph(match, child);
        } else {
            old.insertBefore(child, next);
        }
    }
    while (next) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
    }
}

let fetching = false;
let again = false;
let waiting = 0;
let last = 0;

async function refresh() {
    waiting = 0;
    if (fetching) {
        again = true;
        return;
    }
    fetching = true;
    last = performance.now();
    const page = await fetchPage(location.pathname + location.search);
    const fresh = page?.querySelector("main");
    if (fresh) {
        morph(document.querySelector("main"), fresh);
        document.title = page.title;
        document.dispatchEvent(new Event("refreshed"));
    }
    fetching = false;
    askAgain();
    if (again) {
        again = false;
        soon();
    }
}

/** A part of the page was not ready: it is soon. */
function askAgain() {
    if (document.querySelector("[data-again]")) setTimeout(soon, againMs);
}

function soon() {
    if (waiting || document.hidden) return;
    const rest = last + restMs - performance.now();
    waiting = setTimeout(refresh, Math.max(20, rest) + Math.random() * spreadMs);
}

/** What goes on at a board comes with its numbers: no page is fetched for it. */
function showProgress(message) {
    const places = document.getElementById("now");
    if (!places || !bisection) return;
    const { what, done, total, text, board } = JSON.parse(message.data);
    const now = [...places.children].find((each) => each.dataset.board === board);
    if (!now) return soon(); // it has begun at another place
    now.classList.remove("idle");
    now.querySelector("[data-what]").textContent = what;
    now.querySelector("[data-text]").textContent = text;
    const bar = now.querySelector("[data-bar]");
    if (total) {
        bar.max = total;
        bar.value = done;
    } else {
        bar.removeAttribute("value");
    }
    const million = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    const count = now.querySelector("[data-count]");
    if (!total) count.textContent = "";
    else if (what === "upload") count.textContent = `${million(done)} of ${million(total)}`;
    else count.textContent = `${done} of ${total}`;
}

const kinds = [
    "bisection_requested", "range_resolved", "step_started", "attempt_started", "tree_prepared",
    "build_started", "built", "deployed", "boot_started", "kernel_proven", "runs_started",
    "runs_recorded", "runs_ended", "attempt_ended", "verdict_given", "commit_judged",
    "evidence_withdrawn", "contradiction_found", "board_quarantined", "build_ahead_started",
    "build_ahead_ended", "prior_weighed", "estimated", "symptom_ended", "suspect_named",
    "recovery_tried", "board_recovered", "board_parked", "board_returned", "bisection_paused",
    "bisection_resumed", "bisection_ended", "noted", "notice_ended", "space_ran_out",
    "space_returned", "artefact_evicted", "logs_evicted",
];

let stream = null;

/** Only a page that is seen listens: a browser has six connections to the daemon for all its tabs,
 *  and one that is kept for the way back has none. */
function listen() {
    if (document.hidden) return rest();
    if (stream) return;
    stream = new EventSource("/api/v1/events" + (bisection ? `?bisection=${bisection}` : ""));
    for (const kind of kinds) stream.addEventListener(kind, soon);
    stream.addEventListener("progress", showProgress);
    stream.addEventListener("hello", () => {
        sign.textContent = "live";
        soon(); // between the page and the stream something may have happened
    });
    stream.addEventListener("error", () => {
        sign.textContent = "connection lost, trying again";
    });
}

function rest() {
    stream?.close();
    stream = null;
}

addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
});

/** "/" goes to the search, j and k through the rows. */
function listenForKeys() {
    document.addEventListener("keydown", (event) => {
        const typing = event.target.closest("input, select, textarea, dialog");
        if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key === "/") {
            const search = document.querySelector("input[type=search]");
            if (!search) return;
            event.preventDefault();
            search.focus();
        }
        if (event.key !== "j" && event.key !== "k") return;
        const rows = [...document.querySelectorAll("a.row, a.attempt")];
        const at = rows.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
        rows[Math.max(0, Math.min(at, rows.length - 1))]?.focus();
    });
}

/** A choice in the list's filter counts at once. */
function listenForChoices() {
    document.addEventListener("change", (event) => {
        const form = event.target.closest("form.filter");
        if (form && event.target.matches("select")) form.requestSubmit();
    });
}

const listens = location.pathname !== "/start" && !location.pathname.includes("/commits/");
listenForActs();
listenForKeys();
listenForChoices();
showLogs(fetchPage);
if (listens) {
    listen();
    document.addEventListener("visibilitychange", listen);
    addEventListener("pagehide", rest);
} else sign.textContent = "";

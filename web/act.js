// What a person can change from a page: start, pause, resume, cancel, judge, give a board back. A
// change needs the daemon's token, which is asked for once and forgotten with the window.

const dialog = document.getElementById("ask");
const tokenKey = "bisectd-token";

/** A labelled field of the dialog. `of`: name, label, type, choices. */
function field(of) {
    const label = document.createElement("label");
    label.textContent = of.label;
    const input = document.createElement(of.choices ? "select" : "input");
    input.name = of.name;
    if (of.choices)
        for (const text of of.choices) input.append(new Option(text));
    else
        input.type = of.type ?? "text";
    input.autocomplete = "off";
    label.append(input);
    return label;
}

/** Asks a person; gives the fields' values, or null for a no. */
function ask({ title, text, parts = [], yes = "OK", error = "" }) {
    document.getElementById("ask-title").textContent = title;
    document.getElementById("ask-text").textContent = text ?? "";
    document.getElementById("ask-error").textContent = error;
    document.getElementById("ask-parts").replaceChildren(...parts.map(field));
    const main = dialog.querySelector("button.main");
    main.textContent = yes;
    dialog.returnValue = "no";
    dialog.showModal();
    (dialog.querySelector("#ask-parts input, #ask-parts select") ?? main).focus();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => {
            const form = new FormData(dialog.querySelector("form"));
            resolve(dialog.returnValue === "yes" ? Object.fromEntries(form) : null);
        }, { once: true });
    });
}

// Enter in a field means yes, not the first button.
dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input, select")) return;
    event.preventDefault();
    dialog.close("yes");
});

async function tokenFromPerson(error) {
    const given = await ask({
        title: "Token needed",
        text: "\"bisectd --new-token\" makes one, on the daemon's machine and as its user. " +
            "It is kept until this window is closed.",
        parts: [{ name: "token", label: "Token", type: "password" }],
        yes: "Use it",
        error,
    });
    if (!given) return false;
    sessionStorage.setItem(tokenKey, given.token.trim());
    return true;
}

async function problemOf(answer) {
    try {
        const { where, detail } = await answer.json();
        return where ? `${where}: ${detail}` : detail;
    } catch {
        return `the daemon said ${answer.status}`;
    }
}

/** Posts; asks for the token as often as needed. Gives the answer's JSON, or null for a no. */
async function post(address, body) {
    for (let error = ""; ;) {
        if (!sessionStorage.getItem(tokenKey) && !(await tokenFromPerson(error))) return null;
        const answer = await fetch(address, {
            method: "POST",
            headers: {
                Authorization: `Bearer ${sessionStorage.getItem(tokenKey)}`,
                "Content-Type": "application/json",
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        if (answer.ok) return answer.json();
        if (answer.status !== 401) throw new Error(await problemOf(answer));
        sessionStorage.removeItem(tokenKey);
        error = "That is not the token.";
    }
}

async function say(error) {
    await ask({ title: "That did not work", text: error.message, yes: "All right" });
}

async function act(button) {
    const { post: address, sure, judge } = button.dataset;
    if (address) {
        if (sure && !(await ask({ title: button.textContent, text: sure, yes: button.textContent })))
            return;
        await post(address);
    }
    if (judge) {
        const said = await ask({
            title: "Judge a commit",
            text: "Your word counts before what the boards showed.",
            parts: [
                { name: "commit", label: "Commit: id, tag or branch" },
                { name: "verdict", label: "It is", choices: ["good", "bad", "skip", "withdraw"] },
                { name: "why", label: "Why" },
            ],
            yes: "Judge",
        });
        if (said) await post(judge, { symptom: "", ...said });
    }
}

/** The form's parts as the API wants them. */
function wishOf(form) {
    const words = (name) => form.elements[name].value.split(/\s+/).filter(Boolean);
    const [board = "", ...others] = [...form.elements.boards.selectedOptions].map((o) => o.value);
    return {
        repository: form.elements.repository.value.trim(),
        good: words("good"),
        bad: form.elements.bad.value.trim(),
        recipe: form.elements.recipe.value,
        board,
        more_boards: others,
        title: form.elements.title.value.trim(),
        paths: words("paths"),
        hints: words("hints"),
    };
}

function showFindings(findings) {
    const list = document.createElement("ul");
    list.className = "findings";
    for (const { subject, good, what } of findings) {
        const item = document.createElement("li");
        const mark = document.createElement("span");
        mark.className = good ? "badge good" : "badge bad";
        mark.textContent = good ? "well" : "not well";
        item.append(mark, ` ${subject}: ${what}`);
        list.append(item);
    }
    document.getElementById("findings").replaceChildren(list);
}

async function submit(form, what) {
    const says = document.getElementById("findings");
    says.textContent = what === "doctor" ? "Looking..." : "Starting...";
    const answer = await post(what === "doctor" ? "/api/v1/doctor" : "/api/v1/bisections",
        wishOf(form));
    if (!answer) says.textContent = "";
    else if (what === "doctor") showFindings(answer.findings);
    else location.assign(`/bisections/${answer.id}`);
}

export function listenForActs() {
    document.addEventListener("click", (event) => {
        const button = event.target.closest("button[data-post], button[data-judge]");
        if (button) act(button).catch(say);
    });
    const form = document.getElementById("start");
    form?.addEventListener("submit", (event) => {
        event.preventDefault();
        submit(form, event.submitter?.value ?? "start").catch((error) => {
            const says = document.getElementById("findings");
            says.className = "notice";
            says.textContent = error.message;
        });
    });
    document.addEventListener("toggle", (event) => {
        if (event.target.dataset?.fetch && event.target.open) fetchText(event.target);
    }, true);
}

/** A text that takes its time comes when it is opened. */
async function fetchText(details) {
    const text = details.querySelector("pre");
    const answer = await fetch(details.dataset.fetch);
    text.textContent = answer.ok ? await answer.text() : await problemOf(answer);
    if (answer.ok) addCopy(text);
}

function addCopy(text) {
    if (text.dataset.copies || !navigator.clipboard) return;
    text.dataset.copies = "yes";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text.textContent.trim());
        button.textContent = "Copied";
    });
    text.after(button);
}

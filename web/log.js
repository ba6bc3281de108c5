// A log of any length in a window of a few hundred lines: the rest is fetched when it is scrolled
// to. Without this script the same window is there, with links to the others.

const linesFetched = 400;
const followMs = 1000;
// Browsers place nothing below some 17 million pixels; longer logs are scrolled proportionally.
const mostPixels = 12_000_000;

class Viewer {
    constructor(box, fetchPage) {
        this.box = box;
        this.fetchPage = fetchPage;
        this.list = box.querySelector("ol");
        this.from = Number(box.dataset.from);
        this.lines = Number(box.dataset.lines);
        this.follows = box.hasAttribute("data-follows");
        this.height = this.list.firstElementChild.getBoundingClientRect().height;
        this.fetching = false;
        this.sizer = document.createElement("div");
        this.sizer.className = "sizer";
        box.insertBefore(this.sizer, this.list);
        this.sizer.append(this.list);
        box.classList.add("windowed");
        this.lay();
        box.addEventListener("scroll", () => this.scrolled(), { passive: true });
        if (this.follows) {
            this.toLine(this.lines);
            this.timer = setInterval(() => this.follow(), followMs);
        } else {
            this.goToHash();
        }
    }

    get visible() {
        return Math.ceil(this.box.clientHeight / this.height);
    }
    get pixels() {
        return Math.min(this.lines * this.height, mostPixels);
    }
    /** Pixels of a line in the whole; less than its height in a very long log. */
    get share() {
        return this.lines ? this.pixels / this.lines : this.height;
    }
    get first() {
        if (this.share >= this.height) return Math.floor(this.box.scrollTop / this.share) + 1;
        const fit = Math.floor(this.box.clientHeight / this.height) - 1;
        const way = Math.max(1, this.pixels - this.box.clientHeight);
        return 1 + Math.floor((this.box.scrollTop / way) * Math.max(0, this.lines - fit));
    }
    get atEnd() {
        return this.box.scrollTop + this.box.clientHeight >= this.pixels - 2 * this.height;
    }

    lay() {
        this.sizer.style.height = `${Math.max(this.pixels, this.list.childElementCount * this.height)}px`;
        const first = this.first;
        // What is seen first stands where it is seen, whatever the share.
        const top = this.share < this.height
            ? this.box.scrollTop - (first - this.from) * this.height
            : (this.from - 1) * this.height;
        this.list.style.transform = `translateY(${Math.max(0, top)}px)`;
    }

    scrolled() {
        if (this.share < this.height) this.lay();
        const first = this.first;
        const last = Math.min(this.lines, first + this.visible);
        const have = this.from + this.list.childElementCount;
        if (first < this.from || last > have) this.fetch(first);
    }

    toLine(line) {
        this.box.scrollTop = Math.max(0, (line - 1) * this.share - this.box.clientHeight / 2);
        this.scrolled();
    }

    goToHash() {
        const [, line] = location.hash.match(/^#L(\d+)$/) ?? [];
        const mine = this.list.closest(".pane")?.id === "pane";
        if (line && mine) this.toLine(Number(line));
        else this.box.scrollTop = (this.from - 1) * this.share;
    }

    async fetch(first) {
        if (this.fetching) return;
        this.fetching = true;
        const from = Math.max(1, first - Math.floor((linesFetched - this.visible) / 2));
        const page = await this.fetchPage(
            `${this.box.dataset.address}line=${from}&count=${linesFetched}&part=1`);
        const viewer = page?.querySelector(".viewer");
        this.fetching = false;
        if (!viewer) return;
        this.from = Number(viewer.dataset.from);
        this.lines = Number(viewer.dataset.lines);
        this.list.start = this.from;
        this.list.replaceChildren(...viewer.querySelectorAll("ol > li"));
        const pane = this.box.closest(".pane");
        const fresh = page.querySelector(".pane");
        for (const part of ["[data-lines]:not(.viewer)", "[data-size]"])
            pane.querySelector(part).textContent = fresh.querySelector(part).textContent;
        this.lay();
        const now = this.first;
        if (now < this.from || now > this.from + this.list.childElementCount) this.fetch(now);
    }

    /** The log grows: stay at its end, if that is where the person is. */
    async follow() {
        if (document.hidden || !this.box.isConnected) return;
        if (!this.atEnd && this.lines > this.visible) return;
        await this.fetch(Math.max(1, this.lines - this.visible + 1));
        this.box.scrollTop = this.box.scrollHeight;
    }
}

export function showLogs(fetchPage) {
    const viewers = [];
    const attach = () => {
        for (const box of document.querySelectorAll(".viewer:not(.windowed)"))
            viewers.push(new Viewer(box, fetchPage));
    };
    attach();
    document.addEventListener("refreshed", attach);
    addEventListener("hashchange", () => {
        for (const viewer of viewers) viewer.goToHash();
    });
}

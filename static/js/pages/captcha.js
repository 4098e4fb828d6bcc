// The check against robots: a worker finds a number while the person fills in the form, which waits for it if need be.
class Captcha {
  constructor(element) {
    this.element = element;
    this.form = element.closest("form");
    this.answer = element.querySelector('input[type="hidden"]');
    this.status = element.querySelector('[role="status"]');
    this.challenge = JSON.parse(element.dataset.challenge);
    this.form.addEventListener("submit", (event) => this.hold(event));
    // Back from the next page: the number that was sent is worth nothing a second time.
    addEventListener("pageshow", (event) => event.persisted && this.renew());
    this.solve();
  }

  say(state) {
    this.element.dataset.state = state;
    this.status.textContent = this.element.dataset[state];
  }

  solve() {
    this.since = Date.now();
    this.answer.value = "";
    this.say("working");
    try {
      const worker = new Worker(this.element.dataset.worker);
      worker.addEventListener("message", ({ data: number }) => {
        worker.terminate();
        this.finish(number);
      });
      worker.addEventListener("error", () => this.finish(null));
      worker.postMessage(this.challenge);
    } catch {
      this.finish(null);
    }
  }

  finish(number) {
    // A browser that cannot count is treated as one without scripts: the code in the mail has to do.
    this.answer.value = number === null ? "none" : btoa(JSON.stringify({ ...this.challenge, number }));
    this.say(number === null ? "failed" : "done");
    if (this.waiting) {
      const submitter = this.waiting.submitter;
      this.waiting = null;
      this.form.requestSubmit(submitter);
    }
  }

  async renew() {
    this.say("working");
    this.answer.value = "";
    try {
      const response = await fetch(this.element.dataset.renew, { headers: { Accept: "application/json" } });
      this.challenge = (await response.json()).data;
      this.solve();
    } catch {
      this.finish(null);
    }
  }

  // By the time that passed here: the clock of the device may be wrong.
  get isStale() {
    return Date.now() - this.since > Number(this.element.dataset.lifetime) * 1000;
  }

  hold(event) {
    if (event.defaultPrevented) return;
    if (this.answer.value && !(this.isStale && this.answer.value !== "none")) return;
    event.preventDefault();
    const isAtWork = this.waiting || !this.answer.value;
    this.waiting = event;
    if (!isAtWork) this.renew();
  }
}

for (const element of document.querySelectorAll("[data-captcha]")) new Captcha(element);

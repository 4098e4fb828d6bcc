// The doctor's calendar: FullCalendar in place of the days that the server drew, once it has its events. Times are the doctor's wall clock, so
// the browser's own zone plays no part. Every change is an ordinary, permission-checked POST.
const host = document.querySelector("[data-calendar]");
const VIEWS = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth" };

const ROW = 30;
// What is dragged falls on a line of the grid or on one of the doctor's own times between them.
const divisor = (a, b) => (b ? divisor(b, a % b) : a);

async function post(url, fields) {
  const body = new URLSearchParams(fields);
  const headers = { Accept: "application/json", "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["x-csrftoken"] };
  const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
  const { message } = await answer.json().catch(() => ({ message: host.dataset.failed }));
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: message, tone: answer.ok ? "ok" : "danger" } }));
  return answer.ok;
}

function content({ event, timeText, view }) {
  if (event.display === "inverse-background") return undefined;
  const title = document.createElement("b");
  title.textContent = event.title;
  const detail = document.createElement("small");
  if (view.type !== VIEWS.month) {
    detail.textContent = event.extendedProps.detail ?? "";
    return { domNodes: [title, detail] };
  }
  // A day of the month has room for the hour and a name.
  detail.textContent = event.extendedProps.state === "block" ? "" : timeText;
  return { domNodes: [detail, title] };
}

// On a phone a day of the month has room for how many there are; they are read in the view of that day.
const counted = () => host.dataset.view === "month" && window.matchMedia("(width < 48rem)").matches;

function openDay({ date }) {
  window.location.assign(`?view=day&date=${date.toISOString().slice(0, 10)}`);
}

// As the server writes them: the time of day, and the day's name with its number below it.
const clock = ({ date }) => `${date.hour}:${String(date.minute).padStart(2, "0")}`;

function heading({ date, text, view }) {
  if (view.type !== VIEWS.week) return text;
  const number = document.createElement("b");
  number.textContent = date.getUTCDate();
  return { domNodes: [document.createTextNode(text), number] };
}

function start() {
  const drawn = [...host.children];
  const box = document.createElement("div");
  box.className = "fc-host";
  box.inert = true;
  const inner = document.createElement("div");
  box.append(inner);
  host.append(box);
  const show = () => {
    if (!drawn.length) return;
    box.inert = false;
    for (const part of drawn.splice(0)) part.remove();
    const today = box.querySelector("td.fc-timegrid-col.fc-day-today");
    // A week is wider than a phone: its today comes into view, by the page's own scrolling and no other.
    if (today) host.scrollLeft = today.offsetLeft - (host.clientWidth - today.offsetWidth) / 2;
  };
  const calendar = new window.FullCalendar.Calendar(inner, {
    initialView: VIEWS[host.dataset.view],
    initialDate: host.dataset.date,
    timeZone: "UTC",
    now: host.dataset.now,
    locale: host.dataset.language,
    firstDay: 1,
    headerToolbar: false,
    height: "auto",
    allDaySlot: false,
    slotMinTime: `${host.dataset.opens ?? 0}:00:00`,
    slotMaxTime: `${host.dataset.closes ?? 24}:00:00`,
    dayHeaders: host.dataset.view !== "day",
    dayHeaderFormat: { weekday: "short" },
    dayHeaderContent: heading,
    dayMaxEvents: counted() ? 0 : 4,
    moreLinkContent: ({ num, text }) => (counted() ? String(num) : text),
    moreLinkClick: counted() ? openDay : "popover",
    moreLinkDidMount: ({ el }) => el.setAttribute("role", "button"),
    slotDuration: { minutes: ROW },
    snapDuration: { minutes: divisor(ROW, Number(host.dataset.step)) },
    slotLabelFormat: clock,
    eventTimeFormat: clock,
    expandRows: true,
    nowIndicator: true,
    selectable: true,
    selectMirror: true,
    longPressDelay: 400,
    eventContent: content,
    eventClassNames: ({ event }) => (event.display === "inverse-background" ? ["fc-off"] : ["event"]),
    eventDidMount({ el, event }) {
      const { tint, state } = event.extendedProps;
      if (tint) el.dataset.tint = tint;
      if (state) el.dataset.state = state;
    },
    events: (info, done, failed) =>
      fetch(`${host.dataset.events}?start=${info.startStr.slice(0, 10)}&end=${info.endStr.slice(0, 10)}`, { credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
        .then((rows) => {
          // Where visits are counted, time that is blocked or held is none of them.
          done(counted() ? rows.filter((row) => !["block", "held"].includes(row.extendedProps?.state)) : rows);
          show();
        })
        .catch(failed),
    async eventDrop(info) {
      const moved = info.event.startStr;
      const fields = { date: moved.slice(0, 10), time: moved.slice(11, 16) };
      if (!confirm(host.dataset.confirmMove) || !(await post(info.event.extendedProps.move, fields))) info.revert();
    },
    async eventClick(info) {
      if (info.event.extendedProps.state !== "block") return;
      info.jsEvent.preventDefault();
      if (confirm(host.dataset.confirmUnblock) && (await post(info.event.extendedProps.unblock, {}))) calendar.refetchEvents();
    },
    select(info) {
      const dialog = document.getElementById("block");
      const set = (name, value) => { dialog.querySelector(`[name="${name}"]`).value = value; };
      set("date", info.startStr.slice(0, 10));
      set("start", info.allDay ? "" : info.startStr.slice(11, 16));
      set("end", info.allDay ? "" : info.endStr.slice(11, 16));
      dialog.showPopover();
      calendar.unselect();
    },
  });
  calendar.render();
  host.addEventListener("live", () => calendar.refetchEvents());
}

if (host && window.FullCalendar) start();

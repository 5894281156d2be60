// What Discord has and simcord's page does not: channels, links to messages, message and member menus.
//
// It works beside simcord's own scripts and only through what the page shows, so that it can be
// taken out file by file when simcord brings one of these itself.

const capability = window.location.hash.slice(1);
const POLL_MS = 1000;
const JUMP_TRIES = 300; // of 100 ms each, until a message is on the page and simcord has drawn it
const KEEP_TRIES = 100; // of 100 ms each, in which what was found stays in view
let world = { channels: [], channel: null, message_menus: [], member_menus: [] };
let menu = null;
let kept = null; // the message that stays in view until the reader scrolls, presses or types

/** Ask the server; null where the page is not ready, or the session is over. */
async function ask(what, body = {}) {
  const context = window.simcordPreview?.contextId;
  if (!context) return null;
  const response = await fetch("/api/action", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Simcord-Capability": capability,
      "X-Simcord-Context": context,
      "X-Usamimi": what,
    },
    body: JSON.stringify(body),
  }).catch(() => null);
  return response?.ok ? response.json() : null;
}

// Channels

function showChannels() {
  const header = document.querySelector(".channel-header");
  if (!header) return;
  let bar = document.getElementById("usamimi-channels");
  if (!bar) {
    bar = document.createElement("nav");
    bar.id = "usamimi-channels";
    bar.setAttribute("aria-label", "Channels");
    header.before(bar);
  }
  const wanted = JSON.stringify([world.channels, world.channel]);
  if (bar.dataset.shown === wanted) return;
  bar.dataset.shown = wanted;
  bar.replaceChildren(...world.channels.map(({ id, name }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `# ${name}`;
    button.setAttribute("aria-current", String(id === world.channel));
    button.addEventListener("click", () => go(id));
    return button;
  }));
}

/** Open a channel, perhaps at one of its messages. */
async function go(channel, message = null) {
  await ask("go", { channel, message });
  await look();
  if (message) scrollTo(message);
}

// Links to messages

const found = (message) => document.querySelector(`.channel-message[data-message-id="${message}"]`);

/** Show a message: simcord's own form fetches it where it is not on the page yet. */
function scrollTo(message, tries = JUMP_TRIES) {
  const element = found(message);
  if (!element || !window.simcordPreview?.ready) {
    if (tries) setTimeout(() => scrollTo(message, tries - 1), 100);
    return;
  }
  document.getElementById("message-exact-id").value = message;
  document.getElementById("message-exact-form").requestSubmit();
  element.classList.add("usamimi-found");
  setTimeout(() => element.classList.remove("usamimi-found"), 2500);
  kept = message;
  keepInView(message);
}

for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  document.addEventListener(kind, () => { kept = null; }, { capture: true, passive: true });
}

/** simcord does not scroll to the same message twice, and may scroll back while it draws anew. */
function keepInView(message, tries = KEEP_TRIES) {
  if (message !== kept) return;
  const element = found(message);
  const frame = document.querySelector(".channel-timeline")?.getBoundingClientRect();
  if (element && frame) {
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom < frame.top + 40 || top > frame.bottom - 40) {
      element.scrollIntoView({ block: "start", behavior: "instant" });
    }
  }
  if (tries) setTimeout(() => keepInView(message, tries - 1), 100);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const target = link && /^https:\/\/discord\.com\/channels\/\d+\/(\d+)\/(\d+)/.exec(link.href);
  if (!target) return;
  event.preventDefault();
  const [, channel, message] = target;
  if (channel === world.channel && document.querySelector(`[data-message-id="${message}"]`)) {
    scrollTo(message);
  } else {
    go(channel, message);
  }
}, true);

// Menus of messages and members

function closeMenu() {
  menu?.remove();
  menu = null;
}

function openMenu(message, ofMember, x, y) {
  closeMenu();
  const names = ofMember ? world.member_menus : world.message_menus;
  if (!names.length) return;
  menu = document.createElement("div");
  menu.id = "usamimi-menu";
  menu.setAttribute("role", "menu");
  for (const { name, label } of names) {
    const item = document.createElement("button");
    item.type = "button";
    item.textContent = label;
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", async () => {
      closeMenu();
      document.body.classList.add("usamimi-busy");
      await ask("menu", { name, message, of_member: ofMember });
      document.body.classList.remove("usamimi-busy");
    });
    menu.append(item);
  }
  document.body.append(menu);
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, window.innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, window.innerHeight - box.height - 8))}px`;
  menu.querySelector("button")?.focus();
}

document.addEventListener("contextmenu", (event) => {
  const element = event.target.closest?.(".channel-message[data-message-id]");
  if (!element) return;
  event.preventDefault();
  const ofMember = Boolean(event.target.closest(".message-author, .message-avatar, .message-avatar-image"));
  openMenu(element.dataset.messageId, ofMember, event.clientX, event.clientY);
});
document.addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target)) closeMenu();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenu();
});

/** Put a button for the menu on every message, for those who cannot right-click. */
function addMenuButtons() {
  for (const element of document.querySelectorAll(".channel-message[data-message-id]")) {
    if (element.querySelector(".usamimi-apps")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "usamimi-apps";
    button.textContent = "⋯";
    button.title = "Apps";
    button.setAttribute("aria-label", "Apps");
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      const box = button.getBoundingClientRect();
      openMenu(element.dataset.messageId, false, box.left, box.bottom);
    });
    element.append(button);
  }
}

async function look() {
  const seen = await ask("world");
  if (seen) world = seen;
  showChannels();
  addMenuButtons();
}

setInterval(look, POLL_MS);

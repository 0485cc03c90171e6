// tieout console: keys and small conveniences. Every page works without this file; nothing is fetched, nothing posted.
"use strict";

const OFF = "tieout.keys.off"; // the one thing kept in the browser: that single-letter keys are switched off
const GO = {
  t: "/", x: "/exceptions", r: "/trace", j: "/journal", a: "/accounts", o: "/items", m: "/matches", s: "/reports", i: "/inbox",
  e: "/events", d: "/docs",
};
let waitsForLetter = false;

const keysOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

// The link a row opens: marked, or the first one in it.
function rows() {
  return [...document.querySelectorAll("[data-open]")].filter((link) => link.offsetParent !== null);
}

// j and k move the focus from row to row; Enter then opens, because a link has the focus.
function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function goTo(letter) {
  waitsForLetter = false;
  if (GO[letter]) window.location.assign(GO[letter]);
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  n: () => document.querySelector("[rel=next]")?.click(),
  p: () => document.querySelector("[rel=prev]")?.click(),
  "/": () => document.querySelector("#find")?.focus(),
  "?": () => document.querySelector("#keys")?.togglePopover(),
  g: () => { waitsForLetter = true; setTimeout(() => { waitsForLetter = false; }, 1500); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
  if (isTyping(event.target) || keysOff() && event.key !== "?") return;
  const action = waitsForLetter ? () => goTo(event.key) : ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// Single letters can be switched off, for whoever talks to the computer or leans on the keyboard.
const box = document.querySelector("#keys-off");
if (box) {
  box.checked = keysOff();
  box.addEventListener("change", () => { try { localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch { /* private */ } });
}

// Filters that are empty stay out of the address, so that it can be read and sent.
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  });
  form.addEventListener("change", (event) => { if (event.target.matches("select[data-at-once]")) form.requestSubmit(); });
}
// Coming back with the browser's button, they can be used again.
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

// Matching by hand: what the ticked items come to, as they are ticked.
const sum = document.querySelector("#match-sum");
if (sum) {
  const boxes = [...document.querySelectorAll("input[name=item]")];
  const decimals = Number(sum.dataset.exponent);
  const show = () => {
    const total = boxes.reduce((all, one) => all + (one.checked ? BigInt(one.dataset.minor) : 0n), 0n);
    sum.textContent = total === 0n ? "0 – these items tie out" : `${written(total, decimals)} ${sum.dataset.currency} left to tie`;
    sum.className = `mark ${total === 0n ? "tied" : "wait"}`;
  };
  for (const one of boxes) one.addEventListener("change", show);
  show();
}

// Minor units as text, with a true minus; never through a float.
function written(minor, decimals) {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return (minor < 0n ? "−" : "") + whole + (decimals ? "." + digits.slice(-decimals) : "");
}

// Parts of a page that fetch themselves again: not while nobody looks, and not while the reader has paused them.
"use strict";

window.nightshelf = { live: () => document.visibilityState === "visible" && sessionStorage.getItem("ns-paused") === null };

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-live-switch]");
  if (!button) {
    return;
  }
  const show = () => {
    const paused = sessionStorage.getItem("ns-paused") !== null;
    button.setAttribute("aria-pressed", String(!paused));
    button.querySelector("[data-live-said]").textContent = paused ? "Paused" : "Live";
    button.title = paused ? "Figures stay as they are. Click to follow them again." : "Figures follow every 15 s. Click to keep them as they are.";
  };
  const look = () => document.querySelectorAll(".ns-live").forEach((part) => window.htmx.trigger(part, "nightshelf:look"));

  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    if (sessionStorage.getItem("ns-paused") === null) {
      sessionStorage.setItem("ns-paused", "yes");
    } else {
      sessionStorage.removeItem("ns-paused");
      look();
    }
    show();
  });
  // Somebody comes back to the tab: what is shown may be hours old.
  document.addEventListener("visibilitychange", () => {
    if (window.nightshelf.live()) {
      look();
    }
  });
});

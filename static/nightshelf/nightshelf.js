// What the pages do beyond htmx's attributes. Everything works without this file; it only makes it nicer.
"use strict";

// A region that refreshes itself keeps what the reader has opened in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const open = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
  event.target.addEventListener("htmx:afterSwap", () => reopen(open), { once: true });
  setTimeout(() => reopen(open));
});

function reopen(ids) {
  for (const id of ids) {
    document.getElementById(id)?.setAttribute("open", "");
  }
}

// The theme writes the name of a chosen file into a text field beside it. Our file fields have none, and show the name.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll(".ns-file-input")) {
    input.hasChangeListener = true;
  }
});

// A picture that cannot be had says so in words. Captured: such an event does not rise, and may come before the page is.
document.addEventListener("error", (event) => {
  const words = event.target.parentElement?.querySelector(".ns-thumb-gone");
  if (event.target.tagName === "IMG" && words) {
    event.target.remove();
    words.hidden = false;
  }
}, true);

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("upload-form");
  if (form) {
    followUpload(form);
  }
});

function followUpload(form) {
  const input = form.querySelector("input[type=file]");
  const drop = document.getElementById("upload-drop");
  const name = document.getElementById("upload-name");
  const hint = name.textContent;

  const show = () => {
    const file = input.files[0];
    name.textContent = file ? `${file.name}, ${readable(file.size)}` : hint;
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("ns-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("ns-over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const button = document.getElementById("upload-button");
  const progress = document.getElementById("upload-progress");
  const request = new XMLHttpRequest();
  explain(form, {});
  button.disabled = true;
  progress.hidden = false;
  say(0, "Uploading …");

  const stop = (errors) => {
    button.disabled = false;
    progress.hidden = true;
    explain(form, errors);
  };
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) {
      const share = event.loaded / event.total;
      say(100 * share, share < 1 ? `${readable(event.loaded)} of ${readable(event.total)}` : "Storing …");
    }
  });
  request.addEventListener("error", () => stop({ __all__: ["The connection broke. Nothing was taken in: try again."] }));
  request.addEventListener("load", () => {
    const answer = parsed(request.responseText);
    if (answer?.url) {
      window.location.assign(answer.url);
    } else {
      stop(answer?.errors ?? { __all__: [`The server refused the upload (${request.status}). Sign in again, or try a smaller file.`] });
    }
  });
  request.open("POST", form.action || window.location.href);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.send(new FormData(form));
}

function say(percent, text) {
  const bar = document.querySelector("#upload-progress [role=progressbar]");
  bar.setAttribute("aria-valuenow", Math.round(percent));
  bar.firstElementChild.style.width = `${percent}%`;
  document.getElementById("upload-said").textContent = text;
}

function explain(form, errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    place.textContent = (errors[place.dataset.error] ?? []).join(" ");
  }
  const fault = document.getElementById("upload-fault");
  fault.textContent = (errors.__all__ ?? []).join(" ");
  fault.hidden = !fault.textContent;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readable(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

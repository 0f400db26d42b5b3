// The stock pages' scanning: a code and Enter, and the line is there. Everything works without this file; it saves the
// round trip through the page.
"use strict";

// In a scope of its own: each file of the pages shares the window with the others, and with the browser's own names.
(() => {

document.documentElement.classList.add("ns-scripts");

document.addEventListener("DOMContentLoaded", () => {
  const lines = document.getElementById("stock-lines");
  if (lines) {
    takeScans(lines);
  }
  const adjust = document.getElementById("stock-adjust");
  if (adjust) {
    showAfter(adjust);
  }
  const count = document.querySelector(".ns-count-list");
  if (count) {
    walkLines();
  }
  document.querySelector("#stock-scan[autofocus], .ns-count-first [autofocus]")?.select();
});

// --- Receiving, transferring ----------------------------------------------------------------------------------------

function takeScans(form) {
  const scan = document.getElementById("stock-scan");
  // One after the other, in the order of the scans, however long each look-up takes.
  let queue = Promise.resolve();

  scan.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") {
      return;
    }
    event.preventDefault();
    const typed = scan.value.trim();
    scan.value = "";
    if (typed) {
      queue = queue.then(() => addScanned(form, typed)).catch(() => giveBack(scan, typed));
    }
  });
  form.addEventListener("click", (event) => {
    const drop = event.target.closest("button[name=drop]");
    if (drop) {
      event.preventDefault();
      const row = drop.closest("tr");
      row.remove();
      sumUp();
      tell(`${codeOf(row)} is off the list.`);
      scan.focus();
    } else if (event.target.closest("button[value=add]") && scan.value.trim() && !form.elements.pasted.value.trim()) {
      event.preventDefault();
      scan.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
      scan.focus();
    }
  });
  form.addEventListener("keydown", (event) => {
    // Enter in a quantity goes back to the scanner; it must not post what is not finished.
    if (event.key === "Enter" && event.target.name === "quantity") {
      event.preventDefault();
      scan.focus();
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "quantity") {
      sumUp();
    }
  });
  form.addEventListener("submit", (event) => {
    // The key in the form makes a second posting impossible; this only spares the server the question.
    if (event.submitter?.value === "post") {
      setTimeout(() => { event.submitter.disabled = true; });
    }
  });
  window.addEventListener("pageshow", () => {
    const post = document.getElementById("stock-post");
    post.disabled = false;
  });
}

async function addScanned(form, typed) {
  const [, code, times] = typed.match(/^(\S+)(?:[\s,;×*]+(\d{1,9}))?$/) ?? [null, typed, "1"];
  const pieces = Number(times ?? 1);
  const known = [...document.querySelectorAll("#stock-rows tr")].find((row) => codeOf(row).toUpperCase() === code.toUpperCase());
  if (known) {
    more(known, pieces);
    return;
  }
  const address = new URL(form.dataset.lookup, window.location.href);
  address.searchParams.set("code", code);
  address.searchParams.set("location", form.elements[form.dataset.location]?.value ?? "");
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) {
    throw new Error(response.statusText);
  }
  const answer = await response.json();
  const same = answer.found && [...document.querySelectorAll("#stock-rows tr")].find((row) => codeOf(row) === answer.code);
  if (same) {
    more(same, pieces);
  } else {
    insert(form, answer, pieces);
  }
}

function giveBack(scan, typed) {
  scan.value = scan.value || typed;
  tell("The server did not answer. The code is still in the field: press Enter to try again.", true);
}

function codeOf(row) {
  return row.querySelector("[name=code]").value;
}

function more(row, pieces) {
  const input = row.querySelector("[name=quantity]");
  const before = Number(input.value);
  if (!Number.isInteger(before)) {
    input.focus();
    tell("Correct this quantity first.", true);
    return;
  }
  input.value = before + pieces;
  bringUp(row);
  tell(`${row.querySelector("[data-name]").textContent}: ${input.value}`);
}

function insert(form, answer, pieces) {
  const row = document.getElementById("stock-row").content.firstElementChild.cloneNode(true);
  const name = row.querySelector("[data-name]");
  row.querySelector("[name=code]").value = answer.code;
  const quantity = row.querySelector("[name=quantity]");
  quantity.value = pieces;
  quantity.setAttribute("aria-label", `Quantity of ${answer.code}`);
  const drop = row.querySelector("[name=drop]");
  drop.value = answer.code;
  drop.setAttribute("aria-label", `Take ${answer.code} off the list`);
  if (answer.found) {
    name.textContent = answer.name;
    name.href = answer.history;
    row.querySelector("[data-code]").textContent = answer.code;
    const there = form.dataset.takes ? answer.available : answer.on_hand;
    row.querySelector("[data-there]").textContent = there === undefined ? "–" : there.toLocaleString("en");
    tell(`${answer.name}: ${pieces}`);
  } else {
    unknown(row, name, answer);
  }
  bringUp(row);
}

function unknown(row, name, answer) {
  const error = row.querySelector("[data-error]");
  name.replaceWith(Object.assign(document.createElement("span"), { className: "ns-strong", textContent: answer.code }));
  row.classList.add("ns-line-bad");
  error.textContent = "No product has this SKU or barcode. ";
  if (answer.register) {
    const link = Object.assign(document.createElement("a"), {
      href: answer.register, textContent: "Register it", className: "ns-link", target: "_blank", rel: "noopener",
    });
    error.append(link, ", then press Add.");
  }
  tell(answer.sentence, true);
}

function bringUp(row) {
  document.getElementById("stock-rows").prepend(row);
  row.classList.remove("ns-fresh");
  void row.offsetWidth; // the colour fades again for a line that is scanned again
  row.classList.add("ns-fresh");
  sumUp();
}

function sumUp() {
  const rows = [...document.querySelectorAll("#stock-rows tr")];
  const good = rows.filter((row) => !row.classList.contains("ns-line-bad") || row.querySelector("a[data-name]"));
  const pieces = good.reduce((sum, row) => sum + (Number(row.querySelector("[name=quantity]").value) || 0), 0);
  document.getElementById("stock-pieces").textContent = pieces.toLocaleString("en");
  document.getElementById("stock-products").textContent = `${good.length} product${good.length === 1 ? "" : "s"}`;
  document.getElementById("stock-post-pieces").textContent = pieces ? `${pieces.toLocaleString("en")} piece${pieces === 1 ? "" : "s"}` : "";
  document.getElementById("stock-table").hidden = !rows.length;
  document.getElementById("stock-nothing").hidden = rows.length > 0;
}

function tell(sentence, bad = false) {
  const said = document.getElementById("stock-said");
  said.textContent = sentence;
  said.classList.toggle("ns-bad", bad);
}

// --- Adjusting ------------------------------------------------------------------------------------------------------

function showAfter(form) {
  const onHand = Number(form.dataset.onHand);
  const reserved = Number(form.dataset.reserved);
  const show = () => {
    const typed = form.elements.quantity.value.trim();
    const value = typed === "" ? NaN : Number(typed.replace("−", "-"));
    const after = form.elements.mode.value === "set" ? value : onHand + value;
    const known = Number.isInteger(after);
    const by = after - onHand;
    document.getElementById("stock-after").textContent = known ? after.toLocaleString("en") : "–";
    document.getElementById("stock-by").textContent = known ? (by > 0 ? `+${by.toLocaleString("en")}` : by.toLocaleString("en").replace("-", "−")) : "";
    document.getElementById("stock-warn").textContent = !known || after >= reserved ? ""
      : after < 0 ? "There cannot be fewer than none." : "Fewer than are reserved: release some first.";
  };
  form.addEventListener("input", show);
  show();
}

// --- Counting -------------------------------------------------------------------------------------------------------

function walkLines() {
  // What Enter saved gives the focus to the next line; a line that was scanned gives it back to the scanner.
  let entered = null;
  document.addEventListener("submit", (event) => {
    entered = event.target.closest(".ns-count-row")?.id ?? null;
  }, true);
  document.addEventListener("htmx:afterSettle", () => {
    const row = entered && document.getElementById(entered);
    if (!row || row.classList.contains("ns-count-conflict")) {
      return;
    }
    entered = null;
    const next = row.nextElementSibling?.querySelector("[name=counted]");
    const following = next ?? document.getElementById("stock-scan");
    following?.focus();
    following?.select();
  });
  // A line that is not saved, because the server does not answer, must not look as if it were.
  for (const kind of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(kind, (event) => {
      const row = event.detail.elt.closest?.(".ns-count-row");
      const state = row?.querySelector(".ns-count-state");
      if (state) {
        row.classList.add("ns-count-conflict");
        state.textContent = "Not saved: the server did not answer. Press Save again.";
      }
    });
  }
}
})();

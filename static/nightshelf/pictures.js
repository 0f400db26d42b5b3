// A product's images: several files at once, straight to storage, each with its bar; and their order by dragging.
// The page works without this file: the form is sent as it is, and the arrows are buttons.
// A module: its names are its own. `readable` is nightshelf.js's.
const AT_ONCE = 3;

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("pictures-form");
  if (form) {
    takeFiles(form);
  }
  const list = document.getElementById("pictures");
  if (list) {
    letMove(list);
  }
});

// --- Uploads -----------------------------------------------------------------------------------------------------------

function takeFiles(form) {
  const input = document.getElementById("pictures-files");
  const drop = document.getElementById("pictures-drop");
  const uploads = { form, waiting: [], running: 0, done: 0, failed: 0 };
  input.hasChangeListener = true; // the theme would look for its own text field beside it, and fail
  document.getElementById("pictures-button").hidden = true; // what is chosen is sent at once

  const take = (files) => {
    for (const file of files) {
      uploads.waiting.push(shownRow(uploads, file));
    }
    next(uploads);
  };
  input.addEventListener("change", () => {
    const files = [...input.files]; // emptying the field empties its list
    input.value = "";
    take(files);
  });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      if (event.dataTransfer.types.includes("Files")) {
        event.preventDefault();
        drop.classList.add("ns-over");
      }
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("ns-over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (uploads.running || uploads.waiting.length) {
      event.preventDefault();
    }
  });
}

function shownRow(uploads, file) {
  const row = document.getElementById("pictures-row").content.firstElementChild.cloneNode(true);
  const upload = { file, row, request: null, image: null, over: false, failed: false };
  row.querySelector(".ns-sent-name").textContent = file.name;
  row.querySelector(".ns-sent-size").textContent = readable(file.size);
  row.querySelector("[role=progressbar]").setAttribute("aria-label", `Upload of ${file.name}`);
  tell(upload, 0, "Waiting …");
  row.querySelector(".ns-sent-away").addEventListener("click", () => putAway(uploads, upload));
  row.querySelector(".ns-sent-again").addEventListener("click", () => {
    uploads.failed -= 1;
    mark(upload, "");
    tell(upload, 0, "Waiting …");
    uploads.waiting.push(upload);
    next(uploads);
  });
  document.getElementById("pictures-sending").append(row);
  return upload;
}

function putAway(uploads, upload) {
  uploads.waiting = uploads.waiting.filter((one) => one !== upload);
  if (upload.failed) {
    uploads.failed -= 1;
  }
  upload.over = true;
  upload.request?.abort();
  takeBack(uploads, upload);
  upload.row.remove();
  document.getElementById("pictures-files").focus();
  sum(uploads);
}

function next(uploads) {
  sum(uploads);
  while (uploads.running < AT_ONCE && uploads.waiting.length) {
    const upload = uploads.waiting.shift();
    uploads.running += 1;
    send(uploads, upload)
      .catch((fault) => fail(uploads, upload, fault.message))
      .finally(() => {
        uploads.running -= 1;
        next(uploads);
      });
  }
}

// Asked for, put into storage, and said to be there: three requests, the second of which does not come to this site.
async function send(uploads, upload) {
  const most = Number(uploads.form.dataset.maxBytes);
  if (upload.file.size > most) {
    throw new Error(`It has ${readable(upload.file.size)}: at most ${readable(most)}. Save it smaller, and upload it again.`);
  }
  tell(upload, 0, "Asking …");
  const about = { name: upload.file.name, size: upload.file.size, type: upload.file.type };
  const begun = answerOf(await post(uploads.form, uploads.form.dataset.begin, about));
  upload.image = begun.image;
  refresh();
  if (!upload.over) {
    await put(uploads.form, upload, begun.target);
  }
  if (upload.over) {
    takeBack(uploads, upload);
    return;
  }
  tell(upload, 100, "Storing …");
  answerOf(await post(uploads.form, `${uploads.form.dataset.images}${begun.image}/finish/`, {}));
  upload.image = null; // it stands for itself now
  uploads.done += 1;
  mark(upload, "ns-good");
  tell(upload, 100, "Uploaded.");
  upload.row.querySelector(".ns-sent-away").textContent = "Hide";
  refresh();
}

function fail(uploads, upload, sentence) {
  if (upload.over) {
    return;
  }
  uploads.failed += 1;
  mark(upload, "ns-bad");
  tell(upload, 0, sentence);
  takeBack(uploads, upload);
}

// What was announced and did not come is taken off the page again. Where this fails too, the night does it.
function takeBack(uploads, upload) {
  if (upload.image) {
    post(uploads.form, `${uploads.form.dataset.images}${upload.image}/remove/`, {}).then(refresh);
    upload.image = null;
  }
}

function mark(upload, tone) {
  const failed = tone === "ns-bad";
  upload.failed = failed;
  upload.row.classList.toggle("ns-sent-failed", failed);
  upload.row.classList.toggle("ns-sent-done", tone === "ns-good");
  upload.row.querySelector("[role=progressbar]").className = `ns-progress ${tone}`;
  upload.row.querySelector(".ns-sent-again").hidden = !failed;
  upload.row.querySelector(".ns-sent-away").textContent = failed ? "Hide" : "Cancel";
}

function put(form, upload, target) {
  return new Promise((done, refuse) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        tell(upload, (99 * event.loaded) / event.total, `${readable(event.loaded)} of ${readable(event.total)}`);
      }
    });
    request.addEventListener("error", () => refuse(new Error("The connection broke before it was there: try again.")));
    request.addEventListener("abort", () => done());
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) {
        done();
      } else {
        refuse(new Error(whyNot(request)));
      }
    });
    request.open(target.method, target.url);
    for (const [name, value] of Object.entries(target.headers)) {
      request.setRequestHeader(name, value);
    }
    if (new URL(target.url, window.location.href).origin === window.location.origin) {
      request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    }
    request.send(target.method === "POST" ? filled(target.fields, upload.file) : upload.file);
  });
}

function filled(fields, file) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    data.append(name, value);
  }
  data.append("file", file); // storage reads no field behind it
  return data;
}

function whyNot(request) {
  const plain = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  return plain && request.responseText ? request.responseText : `Storage refused it (${request.status}): try again.`;
}

function post(form, url, values) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const [name, value] of Object.entries(values)) {
    body.append(name, value);
  }
  return fetch(url, { method: "POST", body, headers: { "X-Requested-With": "XMLHttpRequest" } }).then(
    async (answer) => ({ ok: answer.ok, status: answer.status, told: await answer.json().catch(() => null) }),
    () => ({ ok: false, status: 0, told: null }),
  );
}

function answerOf(answer) {
  if (answer.told?.error) {
    throw new Error(answer.told.error);
  }
  if (answer.ok && answer.told) {
    return answer.told;
  }
  throw new Error(answer.status ? `The server refused it (${answer.status}): sign in again, and reload the page.` : "The connection broke: try again.");
}

function tell(upload, percent, text) {
  const bar = upload.row.querySelector("[role=progressbar]");
  bar.setAttribute("aria-valuenow", Math.round(percent));
  bar.firstElementChild.style.width = `${percent}%`;
  upload.row.querySelector(".ns-sent-said").textContent = text;
}

function sum(uploads) {
  const open = uploads.running + uploads.waiting.length;
  const parts = [];
  if (open) {
    parts.push(`${open} to go`);
  }
  if (uploads.done) {
    parts.push(`${uploads.done} uploaded`);
  }
  if (uploads.failed) {
    parts.push(`${uploads.failed} not uploaded`);
  }
  document.getElementById("pictures-said").textContent = parts.length ? `${parts.join(", ")}.` : "";
}

function refresh() {
  window.htmx?.trigger("#pictures-live", "refresh");
}

// --- Order -------------------------------------------------------------------------------------------------------------

function letMove(list) {
  let dragged = null;
  let before = null;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".ns-shot");
    before = dragged?.nextElementSibling;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged?.classList.add("ns-shot-dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest(".ns-shot");
    if (!dragged) {
      return;
    }
    event.preventDefault();
    if (over && over !== dragged) {
      const comesLater = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
      over.insertAdjacentElement(comesLater ? "afterend" : "beforebegin", dragged);
    }
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", (event) => {
    if (!dragged) {
      return;
    }
    dragged.classList.remove("ns-shot-dragged");
    if (event.dataTransfer.dropEffect === "none") {
      list.insertBefore(dragged, before); // given up by the escape key, or dropped outside
    } else if (dragged.nextElementSibling !== before) {
      store(list);
    }
    dragged = null;
  });
  list.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.matches(".ns-shot-move") || !button) {
      return;
    }
    event.preventDefault();
    const shot = button.closest(".ns-shot");
    if (button.name === "earlier") {
      shot.previousElementSibling?.before(shot);
    } else {
      shot.nextElementSibling?.after(shot);
    }
    button.focus();
    store(list);
  });
}

function store(list) {
  const ids = [...list.children].map((shot) => shot.dataset.image).join(",");
  const token = list.querySelector("[name=csrfmiddlewaretoken]").value;
  window.htmx.ajax("POST", list.dataset.order, {
    target: "#pictures-order-said",
    swap: "innerHTML",
    values: { ids, csrfmiddlewaretoken: token },
  });
}

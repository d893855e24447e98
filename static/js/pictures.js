/* Photos of a form: shown at once, made smaller before they travel (1600 px, JPEG, without what the camera wrote),
   removable. Without this script the two file inputs simply work. All photos end up in the second input; the first only
   opens the camera. The phone's outbox takes them from `picturesOf`. */

const MOST_SIDE = 1600;
const QUALITY = 0.72;
const SMALL_ENOUGH = 300 * 1024;
const kept = new WeakMap();

export const picturesOf = (field) => kept.get(field)?.chosen ?? [];
export const addPictures = (field, pictures) => kept.get(field)?.add(pictures);

export function improve(field) {
  if (kept.has(field)) return;
  const inputs = [...field.querySelectorAll("input[type=file]")];
  const keeper = inputs[inputs.length - 1];
  const chosen = [];
  const most = Number(field.dataset.most);
  const note = field.querySelector("[data-pictures-note]");
  const list = field.querySelector("[data-pictures-list]");
  // A form that goes through the outbox needs no files in its inputs; any other one cannot do without this.
  const byScript = field.closest("[data-outbox]") !== null;
  try {
    keeper.files = new DataTransfer().files;
  } catch {
    if (!byScript) return;
  }
  field.dataset.ready = "";
  kept.set(field, { chosen, add });

  for (const input of inputs) {
    input.addEventListener("change", () => {
      const fresh = [...input.files].map((file) => ({ file, camera: "camera" in input.dataset }));
      input.value = "";
      note.hidden = chosen.length + fresh.length <= most;
      note.textContent = note.hidden ? "" : field.dataset.wordsMost;
      add(fresh);
    });
  }

  field.closest("form")?.addEventListener("outbox:emptied", () => {
    chosen.splice(0);
    apply();
  });

  function add(pictures) {
    const fresh = pictures.slice(0, most - chosen.length);
    for (const one of fresh) {
      chosen.push(one);
      one.taken ??= one.camera ? new Date(one.file.lastModified).toISOString() : "";
      one.working = one.ready ? null : shrink(one.file).then((small) => { one.file = small; }).finally(() => {
        one.working = null;
        apply();
      });
    }
    apply(fresh);
  }

  function apply(fresh = []) {
    try {
      const transfer = new DataTransfer();
      for (const one of chosen) transfer.items.add(one.file);
      keeper.files = transfer.files;
    } catch { /* the outbox takes them from here */ }
    field.toggleAttribute("data-full", chosen.length >= most);
    list.replaceChildren(...chosen.map(draw));
    field.dispatchEvent(new CustomEvent("pictures", { bubbles: true, detail: { fresh } }));
  }

  function draw(one, place) {
    const box = document.createElement("div");
    box.className = "picture";
    box.toggleAttribute("aria-busy", Boolean(one.working));
    const picture = new Image();
    one.url ??= URL.createObjectURL(one.file);
    picture.src = one.url;
    picture.alt = `${field.dataset.wordsPhoto} ${place + 1}`;
    const taken = document.createElement("input");
    Object.assign(taken, { type: "hidden", name: `${keeper.name}_taken`, value: one.taken });
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `${field.dataset.wordsRemove}: ${picture.alt}`);
    remove.addEventListener("click", () => {
      chosen.splice(chosen.indexOf(one), 1);
      note.hidden = true;
      apply();
      inputs[0].focus();
    });
    box.append(picture, remove, taken);
    return box;
  }
}

/* Drawn anew, so that nothing but pixels remains; less sharp, then smaller, until it is light enough. What cannot be
   read here travels as it is; the server says whether it is a photo. */
export async function shrink(file) {
  let picture;
  try {
    picture = await decode(file);
    let scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    for (const quality of [QUALITY, 0.6, 0.5, 0.5, 0.5]) {
      const small = await paint(picture, scale, quality);
      if (small.size <= SMALL_ENOUGH || quality === 0.5 && scale < 0.25) return named(small, file);
      if (quality === 0.5) scale *= 0.75;
    }
    return named(await paint(picture, scale, 0.5), file);
  } catch {
    return file;
  } finally {
    picture?.close?.();
  }
}

const named = (small, file) => new File([small], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified });

async function decode(file) {
  if ("createImageBitmap" in window) {
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch { /* older browsers know fewer options or formats */ }
  }
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
    return Object.assign(picture, { width: picture.naturalWidth, height: picture.naturalHeight });
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

function paint(picture, scale, quality) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/jpeg", quality);
  });
}

for (const field of document.querySelectorAll("[data-pictures]")) improve(field);

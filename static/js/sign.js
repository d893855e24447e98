/* A sign on the wall: its code is read from a photo by the browser, its place is asked of the server. */

export async function readSign(file, url) {
  const picture = await createImageBitmap(file);
  const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
  picture.close();
  const code = found.map((one) => one.rawValue.match(/(?:^|\/)(\d{9}|\d{15}|\d{17})\/?$/)?.[1]).find(Boolean);
  if (!code) return null;
  return (await fetch(`${url}?code=${code}`)).json();
}

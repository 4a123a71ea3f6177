// A file -> its grey picture; a grey picture and its colours -> files to keep. Only `Wrong` is said
// to the visitor as it is: a sentence to be read after the name of the file.
class Wrong extends Error {}

const MAX_PIXELS = 100e6, MIN_SIDE = 32 // as colornet/images/limits.py has them
const QUALITY = 0.95 // of the JPEG
const rest = () => new Promise((done) => setTimeout(done)) // lets the page show what has changed

function canvasOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height })
  // Opaque: a transparent canvas would keep colours multiplied with their opacity, rounded. Read
  // often: kept in memory, where all browsers compute the same
  const pen = canvas.getContext("2d", { alpha: false, colorSpace: "srgb", willReadFrequently: true })
  return { canvas, pen }
}

// A canvas of the photograph's size. Larger ones than a browser can hold stay black in silence, and
// some browsers hide pixels from pages: both are seen in one pixel
function canvasFor({ width, height }) {
  const { canvas, pen } = canvasOf(width, height)
  const pixel = pen?.createImageData(1, 1)
  pixel?.data.set([12, 34, 56, 255])
  pen?.putImageData(pixel, width - 1, height - 1)
  const seen = pen?.getImageData(width - 1, height - 1, 1, 1).data
  if (seen?.join() !== "12,34,56,255")
    throw new Wrong(`has ${width} x ${height} pixels: this browser cannot hold, or does not show `
      + "the page, a picture of this size; try a smaller one or another browser")
  return { canvas, pen }
}

// The picture in a file: upright, because browsers turn it as its EXIF says
async function decoded(file) {
  const image = new Image(), address = URL.createObjectURL(file)
  try {
    image.src = address
    await image.decode()
  } catch {
    throw new Wrong("cannot be read: it is damaged, or no JPEG, PNG or WebP")
  } finally {
    URL.revokeObjectURL(address)
  }
  const width = image.naturalWidth, height = image.naturalHeight
  if (Math.min(width, height) < MIN_SIDE) throw new Wrong(`is smaller than ${MIN_SIDE} pixels`)
  if (width * height > MAX_PIXELS)
    throw new Wrong(`has ${(width * height).toLocaleString("en")} pixels, more than the limit of `
      + MAX_PIXELS.toLocaleString("en"))
  return image
}

// The 8-bit grey picture, on white where it is transparent, by bands: one canvas of the full size
// takes four bytes for each pixel
async function greyOfImage(image) {
  const width = image.naturalWidth, height = image.naturalHeight
  const grey = plane(width, height, Uint8ClampedArray)
  const bitmap = await createImageBitmap(image)
  const { pen } = canvasOf(width, BAND)
  for (let top = 0; top < height; top += BAND) {
    const rows = Math.min(BAND, height - top)
    pen.fillStyle = "white"
    pen.fillRect(0, 0, width, BAND)
    pen.drawImage(bitmap, 0, -top)
    const { data } = pen.getImageData(0, 0, width, rows)
    for (let from = 0, to = top * width; from < data.length; from += 4, to++)
      grey.data[to] = greyOf(data[from], data[from + 1], data[from + 2])
  }
  bitmap.close()
  return grey
}

const fileOf = (canvas, type) => new Promise((done, failed) =>
  canvas.toBlob((blob) => (blob ? done(blob) : failed(new Wrong(
    "is too large for this browser to make a file of it"))), type, QUALITY))

// The files of a picture whose bands `paint(top, rgba)` makes
async function painted(grey, types, paint) {
  const { canvas, pen } = canvasFor(grey)
  for (let top = 0; top < grey.height; top += BAND) {
    const band = pen.createImageData(grey.width, Math.min(BAND, grey.height - top))
    await paint(top, band.data)
    pen.putImageData(band, 0, top)
  }
  const files = []
  for (const type of types) files.push(await fileOf(canvas, type))
  canvas.width = canvas.height = 0 // some browsers keep the memory for long otherwise
  return files
}

// A photograph in a file -> its grey version and its colours, as files. progress: called with the
// share that is done
async function colour(file, session, settings, progress) {
  const image = await decoded(file)
  const grey = await greyOfImage(image)
  canvasFor(grey).canvas.width = 0 // before the work that it would be in vain
  progress(0.2)
  await rest()
  const [before] = await painted(grey, ["image/jpeg"], (top, rgba) => {
    for (let to = 0, at = top * grey.width; to < rgba.length; to += 4, at++)
      rgba.fill(grey.data[at], to, to + 3)[to + 3] = 255
  })
  const channels = saturate(await predicted(session, grey, settings), settings.saturation)
  progress(0.5)
  await rest()
  const lines = linesOf(grey, channels)
  let shown = performance.now()
  const [jpeg, png] = await painted(grey, ["image/jpeg", "image/png"], async (top, rgba) => {
    coloured(grey, lines, top, rgba)
    if (performance.now() - shown < 50) return
    progress(0.5 + (0.4 * top) / grey.height)
    await rest()
    shown = performance.now()
  })
  return { before, jpeg, png, width: grey.width, height: grey.height }
}

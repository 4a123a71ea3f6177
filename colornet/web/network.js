// The network in onnxruntime-web: a grey photograph -> its colours, small.
const MULTIPLE = 32 // pixels: networks halve each side up to five times
const CLASSES = 1000

// Python's round, to even: it decides the size at which a network sees a picture
function round(value) {
  const down = Math.floor(value), rest = value - down
  return rest === 0.5 ? down + (down % 2) : Math.round(value)
}

// The bytes of a file beside the page. A page that is opened from a disk may load scripts, but no
// other files: each file lies in a script, compressed and in letters
async function bytesOf(name) {
  const letters = globalThis.colornetFiles?.[name]
  if (!letters) throw new Error(`${name} is missing`)
  const text = atob(letters), packed = new Uint8Array(text.length)
  delete globalThis.colornetFiles[name]
  for (let n = 0; n < text.length; n++) packed[n] = text.charCodeAt(n)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

async function load() {
  const [code, module, model] = await Promise.all(["wasm", "module", "model"].map(bytesOf))
  const script = new Blob([module], { type: "text/javascript" })
  ort.env.wasm.wasmBinary = code
  ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(script) }
  // More threads share memory, which browsers give only to pages of a server that asks for it
  ort.env.wasm.numThreads = 1
  return ort.InferenceSession.create(model, { executionProviders: ["wasm"] })
}

// Where a picture lies in what the network sees, as colornet/square.py says
function placed({ width, height }, { size, padded }) {
  const scale = size / Math.max(width, height)
  if (!padded) {
    const side = (length) => Math.max(MULTIPLE, round((length * scale) / MULTIPLE) * MULTIPLE)
    const [across, down] = [side(width), side(height)]
    return { left: 0, top: 0, width: across, height: down, across, down }
  }
  const [across, down] = [width, height].map((length) => Math.max(1, round(length * scale)))
  const [left, top] = [across, down].map((length) => Math.floor((size - length) / 2))
  return { left, top, width: across, height: down, across: size, down: size }
}

function lightnessIn(grey, place) {
  const small = resized(grey, place.width, place.height, LANCZOS)
  const seen = new Float32Array(place.across * place.down) // black has lightness 0
  for (let y = 0; y < place.height; y++)
    for (let x = 0; x < place.width; x++)
      seen[(place.top + y) * place.across + place.left + x] =
        LIGHTNESS[small.data[y * place.width + x]]
  return new ort.Tensor("float32", seen, [1, place.down, place.across, 1])
}

function cut(from, { left, top, width, height }) {
  const part = plane(width, height, Float32Array)
  for (let y = 0; y < height; y++) {
    const start = (top + y) * from.width + left
    part.data.set(from.data.subarray(start, start + width), y * width)
  }
  return part
}

// The colours of a grey photograph: a and b, planes in [-1, 1] of the whole picture
async function predicted(session, grey, settings) {
  const place = placed(grey, settings)
  const given = { lightness: lightnessIn(grey, place) }
  if (session.inputNames.includes("class_scores"))
    given.class_scores = new ort.Tensor("float32", new Float32Array(CLASSES), [1, CLASSES])
  const { ab } = await session.run(given)
  const [, height, width] = ab.dims
  const channels = [0, 1].map((channel) => ({
    width, height, data: Float32Array.from({ length: width * height }, (_, n) => ab.data[2 * n + channel]),
  }))
  if (!settings.padded) return channels
  return channels.map((each) => cut(resized(each, place.across, place.down, BILINEAR), place))
}

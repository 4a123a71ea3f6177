// colornet/inference/fullsize.py: small colours and a grey photograph -> RGB at its full size.
const EPSILON = 0.05 // variance of grey in [0, 1] below which a window of 3 x 3 counts as flat
const BAND = 32 // rows that are coloured at a time
const NEUTRAL = 120, UNIT = 0.9 // a and b as 8 bits: NEUTRAL + units / UNIT
// Each colour is computed once on a page. Of the 64 MB only what is written takes memory
let known = null

// Makes a picture more or less colourful, as colornet/colour/colourfulness.py does. channels: a, b
function saturate(channels, saturation) {
  if (saturation === 1) return channels
  return channels.map((channel) => {
    const mean = channel.data.reduce((sum, value) => sum + value, 0) / channel.data.length
    const shown = Math.min(saturation, 1) * mean
    const vivid = (value) => Math.min(1, Math.max(-1, shown + saturation * (value - mean)))
    return { ...channel, data: channel.data.map(vivid) }
  })
}

// The mean of each value and its up to eight neighbours
function windowMean({ width, height, data }) {
  for (const [step, length, of] of [[1, width, (n) => n % width],
                                    [width, height, (n) => Math.trunc(n / width)]]) {
    data = data.map((value, n, all) => {
      const at = of(n), before = at > 0, after = at < length - 1
      return (value + (before && all[n - step]) + (after && all[n + step])) / (1 + before + after)
    })
  }
  return { width, height, data }
}

// A line from grey to colour for each small pixel: ab = slope * grey + offset; grey in [0, 1]
function guided(grey, ab) {
  const of = (values) => ({ ...ab, data: Float32Array.from(grey, (_, n) => values(n)) })
  const [mean, square, meanAb, product] = [
    (n) => grey[n], (n) => grey[n] ** 2, (n) => ab.data[n], (n) => grey[n] * ab.data[n],
  ].map((values) => windowMean(of(values)).data)
  const slope = windowMean(of((n) =>
    (product[n] - mean[n] * meanAb[n]) / (square[n] - mean[n] ** 2 + EPSILON)))
  return { slope, offset: of((n) => ab.data[n] - slope.data[n] * grey[n]) }
}

// The lines of both channels, stretched along the rows: what `coloured` takes for each band.
// grey: 8 bits, full size; channels: a and b of the whole picture, small, in [-1, 1]
function linesOf(grey, channels) {
  const [{ width, height }] = channels
  const small = Float32Array.from(averaged(grey, width, height).data, (value) => value / 255)
  const wider = (values, scale) => resized(
    { ...values, data: values.data.map((value) => value / scale) }, grey.width, height, BILINEAR)
  return channels.map((ab) => {
    const { slope, offset } = guided(small, ab), unit = UNIT / AB_SCALE
    return { slope: wider(slope, 255 * unit), offset: wider(offset, unit) }
  })
}

// Colours the rows from `top` on into RGBA, as many as it holds
function coloured(grey, lines, top, rgba) {
  known ??= new Uint32Array(256 ** 3)
  const { width } = grey, small = lines[0].slope.height, rows = rgba.length / 4 / width
  for (let row = 0; row < rows; row++) {
    // The place of the row's centre among the small rows, kept between the first and the last
    const centre = (top + row + 0.5) * (small / grey.height) - 0.5
    const place = Math.fround(Math.min(small - 1, Math.max(0, centre)))
    const above = Math.min(Math.trunc(place), Math.max(small - 2, 0))
    const below = Math.min(above + 1, small - 1), share = place - above
    const code = (values, x, value) => value * between(values.slope.data, x) +
      between(values.offset.data, x) + NEUTRAL + 0.5
    const between = (values, x) => {
      const first = values[above * width + x]
      return first + (values[below * width + x] - first) * share
    }
    for (let x = 0, to = 4 * row * width; x < width; x++, to += 4) {
      const value = grey.data[(top + row) * width + x]
      const [a, b] = [code(lines[0], x, value), code(lines[1], x, value)]
      put(rgba, to, value, Math.min(255, Math.max(0, a)) | 0, Math.min(255, Math.max(0, b)) | 0)
    }
  }
}

function put(rgba, to, grey, a, b) {
  const code = (a << 16) | (b << 8) | grey
  let rgb = known[code]
  if (!rgb) {
    const unit = UNIT / AB_SCALE
    // The highest byte says that the colour is known, for black too
    rgb = known[code] = 0xff000000 | rgbOf(grey, (a - NEUTRAL) * unit, (b - NEUTRAL) * unit)
  }
  rgba[to] = (rgb >> 16) & 255
  rgba[to + 1] = (rgb >> 8) & 255
  rgba[to + 2] = rgb & 255
  rgba[to + 3] = 255
}

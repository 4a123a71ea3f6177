// Pillow's resize, step by step (src/libImaging/Resample.c and Reduce.c): what the network sees has
// to be what it sees on the command line. A plane is {width, height, data}: 8-bit greys in a
// Uint8ClampedArray, or a Float32Array. Rows come before columns, as in Pillow 12; Pillow 13 turns
// that round for some tall pictures, which changes a few greys by a step.
const sinc = (x) => (x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1)
const BOX = { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) }
const BILINEAR = { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) }
const LANCZOS = { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) }
const STEPS = 2 ** 22 // of a weight, where Pillow computes 8-bit pixels with integers

const plane = (width, height, Kind) => ({ width, height, data: new Kind(width * height) })

// The weights of each output pixel: [the first input pixel, weight, weight, ...]. The inputs are
// `length` pixels, of which the first `used` count, a fraction where the last is in part outside
function weights(length, used, wanted, filter, exact) {
  const scale = Math.fround(used) / wanted, stretch = Math.max(scale, 1) // as in C, for equality
  const reach = filter.support * stretch, share = 1 / stretch
  return Array.from({ length: wanted }, (_, place) => {
    const centre = (place + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const end = Math.min(length, Math.trunc(centre + reach + 0.5))
    const found = []
    for (let x = first; x < end; x++) found.push(filter.at((x - centre + 0.5) * share))
    const sum = found.reduce((total, weight) => total + weight, 0) || 1
    const shares = found.map((weight) => weight / sum)
    return [first, ...(exact ? shares : shares.map((s) => Math.round(s * STEPS) / STEPS))]
  })
}

// Along the rows or the columns. 8-bit results round half up, as Pillow's do: a clamped array would
// round half to even
function along(from, to, table, down) {
  const half = to.data instanceof Float32Array ? 0 : 0.5
  const step = down ? from.width : 1
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++) {
      const row = table[down ? y : x]
      let at = down ? row[0] * from.width + x : y * from.width + row[0], sum = 0
      for (let n = 1; n < row.length; n++, at += step) sum += from.data[at] * row[n]
      to.data[y * to.width + x] = half ? Math.floor(sum + half) : sum
    }
  return to
}

// used: how much of the plane counts, [width, height], all of it unless given
function resized(from, width, height, filter, used = [from.width, from.height]) {
  const Kind = from.data.constructor, exact = Kind === Float32Array
  if (width !== used[0]) {
    const table = weights(from.width, used[0], width, filter, exact)
    from = along(from, plane(width, from.height, Kind), table, false)
  }
  if (height !== used[1]) {
    const table = weights(from.height, used[1], height, filter, exact)
    from = along(from, plane(width, height, Kind), table, true)
  }
  return from
}

// Pillow's resize(size, BOX, reducing_gap=2): means of whole blocks first, which is fast
function averaged(from, width, height) {
  const across = Math.max(1, Math.trunc(from.width / width / 2))
  const down = Math.max(1, Math.trunc(from.height / height / 2))
  if (across === 1 && down === 1) return resized(from, width, height, BOX)
  const used = [from.width / across, from.height / down]
  return resized(reduced(from, across, down), width, height, BOX, used)
}

// The mean of each block of 8-bit greys, of what there is of it at the right and the lower edge
function reduced(from, across, down) {
  const columns = Math.ceil(from.width / across), rows = Math.ceil(from.height / down)
  const small = plane(columns, rows, Uint8ClampedArray)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const left = column * across, right = Math.min(left + across, from.width)
      const top = row * down, bottom = Math.min(top + down, from.height)
      let sum = 0
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) sum += from.data[y * from.width + x]
      const count = (right - left) * (bottom - top)
      const share = Math.trunc(Math.fround(2 ** 24 / Math.fround(count)))
      small.data[row * columns + column] = Math.trunc(
        ((sum + Math.trunc(count / 2)) * share) / 2 ** 24)
    }
  return small
}

// colornet/colour/lab.py: 8-bit grey -> lightness; lightness and colour -> 8-bit sRGB.
const AB_SCALE = 128 // units of a* and b* in 1.0 of ab
const KNEE = (6 / 29) ** 3
const LIGHTNESS = Float32Array.from({ length: 256 }, (_, grey) => lightnessOf(grey / 255))
// lab.RGB_OF_FXYZ: skimage.color's matrix, inverted, its rows times the white of D65
const RGB_OF_XYZ = [
  [3.0799801, -0.9212477, 0.052890457],
  [-1.5371515, 1.8759899, -0.20404133],
  [-0.5428213, 0.04524733, 1.151232],
]
const SLACK = 1e-4 // by which linear light may lie outside sRGB

function lightnessOf(coded) {
  const light = coded > 0.04045 ? ((coded + 0.055) / 1.055) ** 2.4 : coded / 12.92
  const f = light > KNEE ? Math.cbrt(light) : 6 / 29 + (light - KNEE) / (3 * KNEE ** (2 / 3))
  return Math.round(((116 * f - 16) / 100) * 1e9) / 1e9 // so that black is 0
}

// The 8-bit grey of 8-bit sRGB: BT.601
const greyOf = (red, green, blue) => (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16

// Linear light, into `into`
function linear(lightness, a, b, into) {
  const y = (100 * lightness + 16) / 116
  const xyz = [y + (a * AB_SCALE) / 500, y, y - (b * AB_SCALE) / 200].map((f) =>
    f > 6 / 29 ? f ** 3 : (f - 16 / 116) / 7.787)
  for (let c = 0; c < 3; c++) into[c] = xyz.reduce((sum, v, n) => sum + v * RGB_OF_XYZ[n][c], 0)
  return into
}

// How much of its chroma a colour keeps so that it lies in sRGB, to 1/256
function fitting(lightness, a, b, light) {
  const outside = (share) =>
    linear(lightness, a * share, b * share, light).some((v) => v < -SLACK || v > 1 + SLACK)
  if (!outside(1)) return 1
  let low = 0
  for (let step = 0.5; step >= 1 / 256; step /= 2) if (!outside(low + step)) low += step
  return low
}

const light = [0, 0, 0]

// 8-bit sRGB as a number, red << 16 | green << 8 | blue, of a grey and of ab in [-1, 1]
function rgbOf(grey, a, b) {
  const lightness = LIGHTNESS[grey]
  const share = fitting(lightness, a, b, light)
  return linear(lightness, a * share, b * share, light).reduce((rgb, value) => {
    const v = Math.min(1, Math.max(0, value))
    const coded = v > 0.0031308 ? 1.055 * v ** (1 / 2.4) - 0.055 : 12.92 * v
    return (rgb << 8) | Math.round(coded * 255)
  }, 0)
}

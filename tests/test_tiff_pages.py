import io

import numpy as np
import pytest
from PIL import Image

from colornet.images import photo
from colornet.images.photo import PhotoError
from support.pictures import content, waves
from support.tiffs import pages

REDUCED, MASK = 1, 4  # values of NewSubfileType
THUMBNAIL, MAIN = np.asarray(waves(40, 30)), np.asarray(waves(160, 120))
OTHER = np.asarray(waves(160, 120).rotate(180))


def loaded(data: bytes, page: int = 1) -> photo.Decoded:
    return photo.load(data, max_pixels=10**6, max_bytes=10**7, page=page)


def shows(decoded: photo.Decoded, expected: np.ndarray, atol: int = 0) -> bool:
    same = decoded.image.size == expected.shape[1::-1]
    return same and np.allclose(np.asarray(decoded.image.convert("RGB")), expected, atol=atol)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("options", [{}, {"compression": "lzw"}, {"planarconfig": "separate"}])
def test_a_thumbnail_first_is_not_the_picture(options, big):
    planes = options.get("planarconfig") == "separate"
    main = np.ascontiguousarray(np.moveaxis(MAIN, -1, 0)) if planes else MAIN
    first = THUMBNAIL, {"photometric": "rgb", "subfiletype": REDUCED}
    below = THUMBNAIL, {"photometric": "rgb", "subifds": 1}
    flagged = THUMBNAIL, {"photometric": "rgb", "subfiletype": REDUCED, "subifds": 1}
    second = main, {"photometric": "rgb", **options}
    for pictures in ((first, second), (below, second), (flagged, second), (second, first)):
        decoded = loaded(pages(*pictures, bigtiff=big))
        assert shows(decoded, MAIN)
        assert (decoded.pages, decoded.notes) == (1, ())


def test_an_unmarked_thumbnail_first_is_known_by_its_size_and_shape():
    data = pages((THUMBNAIL, {"photometric": "rgb"}), (MAIN, {"photometric": "rgb"}))
    assert shows(loaded(data), MAIN)
    assert loaded(data).pages == 1


def test_pages_are_counted_and_chosen_and_named():
    data = pages(*((each, {"photometric": "rgb"}) for each in (MAIN, OTHER, MAIN)))
    assert shows(loaded(data), MAIN)
    assert loaded(data).notes == ("page 1 of 3",)
    assert shows(loaded(data, page=2), OTHER)
    assert loaded(data, page=2).notes == ("page 2 of 3",)
    for page in (0, 4):
        with pytest.raises(PhotoError, match=f"^has 3 pages, and no page {page}$"):
            loaded(data, page=page)


def test_masks_and_smaller_copies_are_no_pages():
    copy = THUMBNAIL, {"photometric": "rgb", "subfiletype": REDUCED}
    mask = MAIN[..., 0] > 9, {"photometric": "mask", "subfiletype": MASK}
    main, other = (MAIN, {"photometric": "rgb"}), (OTHER, {"photometric": "rgb"})
    data = pages(main, copy, mask, other, copy)
    assert loaded(data).pages == 2
    assert shows(loaded(data, page=2), OTHER)


def test_pages_of_different_numbers_are_read_each_in_its_way():
    deep = (MAIN.astype("u2") * 257)[..., 0]
    data = pages((MAIN, {"photometric": "rgb"}), (deep.astype("f8") / 65535, {}), (deep, {}))
    for page in (2, 3):
        assert np.allclose(photo.split(loaded(data, page).image)[0].getchannel(0), MAIN[..., 0])


def test_a_file_of_smaller_copies_alone_gives_the_largest():
    copies = [(each, {"photometric": "rgb", "subfiletype": REDUCED}) for each in (THUMBNAIL, MAIN)]
    assert shows(loaded(pages(*copies)), MAIN)


@pytest.mark.parametrize("kind", ["f4", "u1"])
def test_metadata_of_the_first_directory_is_kept_and_applied(kind):
    top = 1 if kind == "f4" else 255
    camera = [(0x0110, 2, 7, "Exakta", True), (0x0112, 3, 1, 6, True)]
    first = THUMBNAIL, {"photometric": "rgb", "subfiletype": REDUCED, "extratags": camera}
    main = (MAIN / 255 * top).astype(kind), {"photometric": "rgb"}
    decoded = loaded(pages(first, main))
    assert decoded.image.size == (120, 160)  # turned a quarter to the right
    assert np.allclose(np.asarray(decoded.image), np.rot90(MAIN, -1), atol=1)
    assert decoded.image.getexif()[0x0110] == "Exakta"


def test_the_chosen_directory_may_have_an_orientation_of_its_own():
    turned = [(0x0112, 3, 1, 6, True)]
    first = THUMBNAIL, {"photometric": "rgb", "subfiletype": REDUCED, "extratags": turned}
    for kind, top in (("f4", 1), ("u1", 255)):
        main = (MAIN / 255 * top).astype(kind)
        decoded = loaded(pages(first, (main, {"photometric": "rgb", "extratags": turned})))
        assert np.allclose(np.asarray(decoded.image), np.rot90(MAIN, -1), atol=1)


def test_frames_of_an_animation_are_counted_and_chosen_and_named():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")]
    for kind in ("GIF", "PNG", "WEBP"):
        lossless = {"lossless": True} if kind == "WEBP" else {}
        data = content(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)
        assert loaded(data).notes == ("frame 1 of 3",)
        second = photo.split(loaded(data, page=2).image)[0]
        assert second.getpixel((9, 9)) == (0, 0, 255), kind
        with pytest.raises(PhotoError, match="^has 3 pictures, and no picture 4$"):
            loaded(data, page=4)


def test_the_second_picture_of_a_stereo_camera_is_one_and_a_map_of_depth_is_none():
    first, other = waves(), waves().rotate(180)
    for second, count in ((other, 2), (other.convert("L"), 1), (other.resize((32, 24)), 1)):
        data = content(first, "MPO", save_all=True, append_images=[second])
        assert Image.open(io.BytesIO(data)).n_frames == 2
        assert loaded(data).pages == count
        assert shows(loaded(data), np.asarray(first), atol=25)
    data = content(first, "MPO", save_all=True, append_images=[other])
    assert shows(loaded(data, page=2), np.asarray(other), atol=25)


def test_directories_that_lead_in_a_circle_are_read_once():
    data = bytearray(pages((MAIN, {"photometric": "rgb"})))
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    data[start + 2 + 12 * count : start + 6 + 12 * count] = start.to_bytes(4, "little")
    assert loaded(bytes(data)).pages == 1

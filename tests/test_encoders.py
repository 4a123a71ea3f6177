"""How formats are compressed, and the benchmark that measures it."""

from benchmarks import encoders as benchmark
from colornet.cli import encoders
from colornet.system import machine


def test_avif_is_written_by_all_cores_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: 5)
    assert encoders.options("AVIF", 80) == {
        "subsampling": "4:4:4",
        "speed": 9,
        "quality": 80,
        "max_threads": 5,
    }


def test_only_formats_with_loss_have_a_quality():
    kinds = ("JPEG", "WEBP", "AVIF", "PNG", "BMP", "TIFF")
    with_quality = {kind for kind in kinds if "quality" in encoders.options(kind)}
    assert with_quality == {"JPEG", "WEBP", "AVIF"}


def test_the_benchmark_measures_every_format():
    figures = benchmark.measure((250, 250), 1)
    assert {".jpg", ".png", ".tif", ".webp", ".avif", ".bmp"} < set(figures)
    assert figures[".png"]["psnr"] == figures[".tif"]["psnr"] == 100
    assert 30 < figures[".avif"]["psnr"] < 100

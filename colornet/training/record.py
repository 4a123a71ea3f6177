"""What a training shows and leaves while it runs: progress line, history, previews, checkpoint."""

import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from colornet.colour import lab
from colornet.training import checkpoint
from colornet.training.network import variables

PREVIEWS = 4  # validation pictures
MOMENTS = 20  # of a training, besides its first epoch


class Record(keras.callbacks.Callback):
    """Writes into `folder` after each epoch; `resume` puts the last epoch's state back.

    network: a compiled and built model; fingerprint: of what the training is made from;
    validation: `dataset.Pictures`, whose first ones become the previews; patience: epochs without
    a lower validation loss after which it stops, None for never; keep_best: whether `best` holds
    the variables' values after the epoch of the lowest. Raises FloatingPointError, in a sentence
    and before anything of it is kept, for a loss that is no number.
    """

    def __init__(
        self,
        folder: Path,
        network,
        *,
        fingerprint: str,
        validation,
        epochs: int,
        patience: int | None,
        keep_best: bool,
    ):
        super().__init__()
        self.folder, self.fingerprint, self.epochs = folder, fingerprint, epochs
        self.patience, self.keep_best, self.best = patience, keep_best, None
        self.network = network
        self.variables = variables(network)
        self.validation = validation
        self.history = []

    def resume(self) -> int:
        """Makes the folder as the last whole epoch left it; answers that epoch, 0 for none."""
        previews = self.folder / "previews"
        previews.mkdir(parents=True, exist_ok=True)
        for old in previews.iterdir():
            old.unlink()
        kept = {"fingerprint": self.fingerprint, "variables": self.variables}
        folder = self.folder / "checkpoint"
        self.history, self.best = checkpoint.load(folder, **kept, previews=previews)
        epoch = len(self.history)
        for picture in previews.glob("epoch-*"):
            if int(picture.name[6:11]) > epoch:
                picture.unlink()
        self._write_history()
        if epoch == 0:
            # Another training's checkpoint holds previews of the same names.
            shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)
            self._write_times([], mode="w")
            for name, picture in self._pictures():
                self._write_preview(f"truth_{name}", picture)
                self._write_preview(f"grey_{name}", np.repeat(lab.grey(picture), 3, axis=-1))
        return epoch

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest validation loss; 0 before there is one."""
        losses = [row["val_loss"] for row in self.history]
        return losses.index(min(losses)) + 1 if losses else 0

    @property
    def finished(self) -> bool:
        """Whether no epoch is to come: all are done, or patience is at its end."""
        epoch = len(self.history)
        impatient = self.patience is not None and epoch - self.best_epoch >= self.patience
        return epoch >= self.epochs or (epoch > 0 and impatient)

    @contextmanager
    def progress(self, *, steps: int, batch_size: int):
        """The progress line while the training runs; `steps` are those of an epoch."""
        self.pictures, self.batch_size = steps * batch_size, batch_size
        with tqdm(
            total=self.epochs * steps,
            initial=len(self.history) * steps,
            mininterval=0.5 if sys.stderr.isatty() else 10,
            bar_format="{desc}{percentage:3.0f} % {elapsed} past, {remaining} left{postfix}",
        ) as self.bar:
            yield

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self._check(logs["loss"], f"step {batch + 1}")
        self.bar.set_description_str(f"epoch {len(self.history) + 1}/{self.epochs} ", refresh=False)
        losses = f"loss {logs['mse']:.5f}"
        if self.history:
            last = self.history[-1]
            losses += f", validation {last['val_loss']:.5f} (grey {last['val_loss_grey']:.5f})"
        speed = (batch + 1) * self.batch_size / (time.perf_counter() - self.began)
        self.bar.set_postfix_str(f"{losses}, {speed:.1f} pictures/s", refresh=False)
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        self._check(logs["val_loss"], "the validation")
        self.history.append(
            {
                "epoch": epoch + 1,
                "loss": logs["mse"],
                "loss_grey": logs["grey"],
                "val_loss": logs["val_mse"],
                "val_loss_grey": logs["val_grey"],
            }
        )
        every = max(1, self.epochs // MOMENTS)
        if epoch == 0 or (epoch + 1) % every == 0 or epoch + 1 == self.epochs:
            self._preview(epoch + 1)
        if self.keep_best and self.best_epoch == epoch + 1:
            self.best = [variable.numpy() for variable in self.variables]
        checkpoint.save(
            self.folder / "checkpoint",
            fingerprint=self.fingerprint,
            variables=self.variables,
            best=self.best,
            history=self.history,
            previews=self.folder / "previews",
        )
        self._write_history()
        speed = self.pictures / seconds
        self._write_times([(epoch + 1, round(seconds, 3), round(speed, 2))], mode="a")
        self.model.stop_training = self.finished

    def _check(self, loss, where):
        if not np.isfinite(loss):
            kept = f"epoch {len(self.history)} is kept" if self.history else "nothing is kept yet"
            raise FloatingPointError(
                f"the loss is not a number in epoch {len(self.history) + 1}, {where}; {kept}. Try a"
                " lower learning_rate (0.0003, say), the optimizer adam, or precision: float32."
            )

    def _write_history(self):
        columns = ["epoch", "loss", "loss_grey", "val_loss", "val_loss_grey"]
        part = self.folder / "history.csv.part"
        pd.DataFrame(self.history, columns=columns).to_csv(part, index=False, lineterminator="\n")
        part.replace(self.folder / "history.csv")

    def _write_times(self, rows, *, mode):
        table = pd.DataFrame(rows, columns=["epoch", "seconds", "pictures_per_s"])
        table.to_csv(self.folder / "times.csv", mode=mode, header=mode == "w", index=False)

    def _pictures(self):
        for file, (left, top, width, height) in self._previewed():
            square = np.asarray(Image.open(file))
            yield Path(file).stem, square[top : top + height, left : left + width]

    def _previewed(self):
        return list(zip(self.validation.files, self.validation.boxes, strict=True))[:PREVIEWS]

    def _preview(self, epoch):
        squares = np.stack([np.asarray(Image.open(file)) for file, _ in self._previewed()])
        inputs = lightness = lab.lightness(lab.grey(squares))
        if self.validation.scores is not None:
            scores = self.validation.scores[: len(squares)]
            inputs = {"lightness": lightness, "class_scores": scores}
        ab = np.asarray(self.network(inputs, training=False))
        output = lab.rgb(lightness, lab.fit(lightness, ab))
        for (file, box), square in zip(self._previewed(), output, strict=True):
            left, top, width, height = box
            picture = square[top : top + height, left : left + width]
            self._write_preview(f"epoch-{epoch:05}_{Path(file).stem}", picture)

    def _write_preview(self, name, picture):
        part = self.folder / "previews" / f"{name}.part"
        Image.fromarray(picture.astype("uint8")).save(part, format="JPEG", quality=90)
        part.replace(part.with_suffix(".jpg"))

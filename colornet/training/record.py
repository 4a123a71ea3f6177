"""What a training shows and leaves while it runs: progress line, history, previews, checkpoint."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from colornet import paths
from colornet.params import UserError
from colornet.system import whole
from colornet.training import checkpoint, dataset
from colornet.training.network import variables
from colornet.training.previews import Previews

PREVIEWED = 20  # epochs with previews, besides the first
COLUMNS = ["epoch", "loss", "loss_grey", "val_loss", "val_loss_grey"]


class Record(keras.callbacks.Callback):
    """Writes into `folder` after each epoch, so that the next call can continue from there.

    network: compiled and built; fingerprint: of everything that decides the result; validation:
    its first pictures become the previews; patience: epochs without a lower validation loss after
    which the training stops, None for never; keep: "best" keeps the variables' values after the
    epoch with the lowest validation loss in `best`. Raises UserError for a loss that is not a
    number, before anything of that epoch is kept.
    """

    def __init__(
        self,
        folder: Path,
        network: keras.Model,
        *,
        fingerprint: str,
        validation: dataset.Pictures,
        epochs: int,
        patience: int | None,
        keep: str,
    ):
        super().__init__()
        self.folder, self.fingerprint, self.epochs = folder, fingerprint, epochs
        self.patience, self.keep = patience, keep
        self.variables = variables(network)
        self.previews = Previews(folder / "previews", network, validation)
        self.history: list[dict] = []
        self.best: list[np.ndarray] | None = None

    def resume(self) -> int:
        """Restores the folder to the end of the last complete epoch; returns its number, or 0."""
        for name in paths.RUN_OUTS:
            if name != "previews":
                (self.folder / name).unlink(missing_ok=True)
        for left_over in self.folder.glob(".*.part"):
            left_over.unlink()
        self.previews.clear()
        self.history, self.best = checkpoint.load(
            self.folder / "checkpoint",
            fingerprint=self.fingerprint,
            variables=self.variables,
            previews=self.previews.folder,
        )
        epoch = len(self.history)
        self.previews.remove_after(epoch)
        self._write_history()
        if epoch == 0:
            # The checkpoint of another training holds previews with the same names
            shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)
            self._write_times([], mode="w")
            self.previews.write_truth()
        return epoch

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest validation loss, or 0 before the first epoch."""
        losses = [row["val_loss"] for row in self.history]
        return losses.index(min(losses)) + 1 if losses else 0

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none lowered the validation loss for `patience`."""
        epoch = len(self.history)
        impatient = self.patience is not None and epoch - self.best_epoch >= self.patience
        return epoch >= self.epochs or (epoch > 0 and impatient)

    @contextmanager
    def progress(self, *, steps: int, batch_size: int) -> Iterator[None]:
        """Shows the progress line inside the block; `steps` are those of one epoch."""
        self.pictures, self.batch_size = steps * batch_size, batch_size
        with tqdm(
            total=self.epochs * steps,
            initial=len(self.history) * steps,
            mininterval=0.5 if sys.stderr.isatty() else 10,
            bar_format="{desc}{percentage:3.0f} % {elapsed} past, {remaining} left{postfix}",
        ) as self.bar:
            yield

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002, Keras's signature
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
        seconds, number = time.perf_counter() - self.began, epoch + 1
        self._check(logs["val_loss"], "the validation")
        self.history.append(
            {
                "epoch": number,
                "loss": logs["mse"],
                "loss_grey": logs["grey"],
                "val_loss": logs["val_mse"],
                "val_loss_grey": logs["val_grey"],
            }
        )
        if number in (1, self.epochs) or number % max(1, self.epochs // PREVIEWED) == 0:
            self.previews.write_epoch(number)
        if self.keep == "best" and self.best_epoch == number:
            self.best = [variable.numpy() for variable in self.variables]
        checkpoint.save(
            self.folder / "checkpoint",
            fingerprint=self.fingerprint,
            variables=self.variables,
            best=self.best,
            history=self.history,
            previews=self.previews.folder,
        )
        self._write_history()
        speed = self.pictures / seconds
        self._write_times([(number, round(seconds, 3), round(speed, 2))], mode="a")
        self.model.stop_training = self.finished

    def _check(self, loss: float, where: str) -> None:
        if not np.isfinite(loss):
            kept = f"epoch {len(self.history)} is kept" if self.history else "nothing is kept yet"
            raise UserError(
                f"the loss is not a number in epoch {len(self.history) + 1}, {where}; {kept}. Try a"
                " lower learning_rate (0.0003, say), the optimizer adam, or precision: float32."
            )

    def _write_history(self) -> None:
        table = pd.DataFrame(self.history, columns=COLUMNS)
        with whole.file(self.folder / "history.csv") as stream:
            table.to_csv(stream, index=False, lineterminator="\n")

    def _write_times(self, rows: list[tuple], *, mode: str) -> None:
        table = pd.DataFrame(rows, columns=["epoch", "seconds", "pictures_per_s"])
        table.to_csv(self.folder / "times.csv", mode=mode, header=mode == "w", index=False)

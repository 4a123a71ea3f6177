"""What a training shows and leaves while it runs: progress line, history, previews, checkpoint."""

import csv
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from colornet import paths
from colornet.params import UserError
from colornet.system import stop, whole
from colornet.training import checkpoint, network, together
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures
from colornet.training.previews import Previews
from colornet.training.rates import rates

PREVIEWED = 20  # epochs with previews, besides the first
SAVING = 0.1  # the share of the time that checkpoints may take
COLUMNS = ("epoch", "loss", "loss_grey", "val_loss", "val_loss_grey")
TIMES = ("epoch", "seconds", "pictures_per_s")


class Record(keras.callbacks.Callback):
    """Writes into `folder` while a network trains, so that the next call can continue from there.

    trained: the network, compiled and built; fingerprint: of everything that decides the result;
    validation: its first pictures become the previews; validate: returns `loss`, `mse` and `grey`
    of the network on it; forward: runs the network on a batch of inputs. Raises UserError for a
    loss that is not a number, before anything of that epoch is kept, and stop.Stopped between two
    batches. Where processes train `together`, the first alone writes and shows something.
    """

    def __init__(
        self,
        folder: Path,
        trained: keras.Model,
        parameters: Parameters,
        *,
        fingerprint: str,
        validation: Pictures,
        validate: Callable[[], dict[str, float]],
        forward: Callable,
    ):
        super().__init__()
        self.folder, self.fingerprint, self.parameters = folder, fingerprint, parameters
        self.network, self.validate = trained, validate
        self.variables, self.rates = network.variables(trained), rates(parameters)
        alone = parameters.window is not None
        self.previews = Previews(folder / "previews", forward, validation, alone=alone)
        self.history: list[dict] = []
        self.times: list[dict] = []
        self.best: list[np.ndarray] | None = None
        self.kept = 0  # the epoch of the last checkpoint
        self.kept_at = self.cost = 0.0  # when that was, and the seconds that it took

    def resume(self) -> int:
        """Restores the folder to the end of the last epoch that was kept; returns it, or 0."""
        if together.leads():
            self._clear()
        self.history, self.best = checkpoint.load(
            self.folder / "checkpoint",
            fingerprint=self.fingerprint,
            variables=self.variables,
            previews=self.previews.folder if together.leads() else None,
        )
        self.kept = len(self.history)
        together.wait()  # all have read it
        if together.leads():
            self._renew()
        return self.kept

    def _clear(self) -> None:
        for name in paths.RUN_OUTS:
            if name not in ("previews", "params.yaml"):  # which are renewed
                (self.folder / name).unlink(missing_ok=True)
        for left_over in self.folder.glob(".*.part"):
            left_over.unlink()
        self.previews.clear()

    def _renew(self) -> None:
        self.previews.remove_after(self.kept)
        if self.kept == 0:
            # The checkpoint of another training holds previews with the same names
            shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)
            self.previews.write_truth()
        self.times = self._earlier_times()
        self._write("history.csv", COLUMNS, self.history)
        self._write("times.csv", TIMES, self.times)

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest validation loss, or 0 before the first epoch."""
        losses = [row["val_loss"] for row in self.history]
        return losses.index(min(losses)) + 1 if losses else 0

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none lowered the validation loss for `patience`."""
        epoch, patience = len(self.history), self.parameters.patience
        impatient = patience is not None and epoch - self.best_epoch >= patience
        return epoch >= self.parameters.epochs or (epoch > 0 and impatient)

    @contextmanager
    def progress(self) -> Iterator[None]:
        """Shows the progress line inside the block."""
        steps = self.parameters.steps_per_epoch
        self.kept_at = time.perf_counter()
        with tqdm(
            total=self.parameters.epochs * steps,
            initial=len(self.history) * steps,
            disable=not together.leads(),
            mininterval=0.5 if sys.stderr.isatty() else 10,
            bar_format="{desc}{percentage:3.0f} % {elapsed} past, {remaining} left{postfix}",
        ) as self.bar:
            yield

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002, Keras's signature
        self.began = time.perf_counter()

    def on_train_batch_begin(self, batch, logs=None):  # noqa: ARG002, Keras's signature
        stop.check()
        step = len(self.history) * self.parameters.steps_per_epoch + batch
        self.network.optimizer.learning_rate = self.rates[step]

    def on_train_batch_end(self, batch, logs=None):
        self.show(batch + 1, logs["loss"], logs["mse"])

    def show(self, step: int, loss: float, mse: float, *, steps: int = 1) -> None:
        """Moves the progress line by `steps`, to `step` of this epoch, with its losses so far."""
        self._check(loss, f"step {step}")
        epochs = self.parameters.epochs
        self.bar.set_description_str(f"epoch {len(self.history) + 1}/{epochs} ", refresh=False)
        losses = f"loss {mse:.5f}"
        if self.history:
            last = self.history[-1]
            losses += f", validation {last['val_loss']:.5f} (grey {last['val_loss_grey']:.5f})"
        speed = step * self.parameters.batch_size / (time.perf_counter() - self.began)
        self.bar.set_postfix_str(f"{losses}, {speed:.1f} pictures/s", refresh=False)
        self.bar.update(steps)

    def on_epoch_end(self, epoch, logs=None):
        number, epochs = epoch + 1, self.parameters.epochs
        with network.averaged(self.network):
            found = self._validation(number)
            seconds = time.perf_counter() - self.began
            self._check(found["loss"], "the validation")
            losses = logs["mse"], logs["grey"], found["mse"], found["grey"]
            self.history.append(dict(zip(COLUMNS, (number, *map(float, losses)), strict=True)))
            shown = number in (1, epochs) or number % max(1, epochs // PREVIEWED) == 0
            if shown and together.leads():
                self.previews.write_epoch(number)
        if self.parameters.keep == "best" and self.best_epoch == number:
            self.best = [variable.numpy() for variable in self.variables]
        speed = self.parameters.steps_per_epoch * self.parameters.batch_size / seconds
        times = number, round(seconds, 3), round(speed, 2)
        self.times.append(dict(zip(TIMES, times, strict=True)))
        self.model.stop_training = self.finished
        cheap = self.cost <= SAVING * (time.perf_counter() - self.kept_at)
        asked = together.asked()
        if together.leads() and (self.finished or cheap or asked):
            self._keep()
        if asked:
            raise stop.Stopped(asked)
        stop.check()

    def _validation(self, epoch: int) -> dict[str, float]:  # noqa: ARG002, for tests
        return self.validate()

    def _keep(self) -> None:
        """Saves a checkpoint, and the history and times up to it."""
        began = time.perf_counter()
        checkpoint.save(
            self.folder / "checkpoint",
            fingerprint=self.fingerprint,
            variables=self.variables,
            best=self.best,
            history=self.history,
            previews=self.previews.folder,
        )
        self._write("history.csv", COLUMNS, self.history)
        self._write("times.csv", TIMES, self.times)
        self.kept, self.kept_at = len(self.history), time.perf_counter()
        self.cost = self.kept_at - began

    def _check(self, loss: float, where: str) -> None:
        if not np.isfinite(loss):
            kept = f"epoch {self.kept} is kept" if self.kept else "nothing is kept yet"
            raise UserError(
                f"the loss is not a number in epoch {len(self.history) + 1}, {where}; {kept}. Try a"
                " lower learning_rate (0.0003, say), the optimizer adam, or precision: float32."
            )

    def _earlier_times(self) -> list[dict]:
        """The rows of times.csv up to the epoch that was kept."""
        try:
            with open(self.folder / "times.csv", newline="") as stream:
                return [row for row in csv.DictReader(stream) if int(row["epoch"]) <= self.kept]
        except (OSError, KeyError, ValueError, TypeError):
            return []

    def _write(self, name: str, columns: tuple[str, ...], rows: list[dict]) -> None:
        with whole.file(self.folder / name) as stream:
            text = TextIOWrapper(stream, "utf-8", newline="", write_through=True)
            table = csv.DictWriter(text, columns, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
            text.detach()

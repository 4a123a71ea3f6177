"""Random rotation, shear, zoom and flip of a batch of pictures, in one resampling."""

from typing import Any

import tensorflow as tf
from keras_cv.layers import VectorizedBaseImageAugmentationLayer

from colornet.training import affine


class RandomAffine(VectorizedBaseImageAugmentationLayer):
    """`affine.transformations` as a keras-cv layer, which knows pictures, masks and labels.

    The random amounts are uniform, as in ImageDataGenerator. Outside a picture its nearest pixels
    are repeated, outside a mask it is 0. `labels`, (B, affine.DRAWS) float32 in [-1, 1), are random
    numbers that the caller drew; without them the layer draws its own.
    """

    def __init__(
        self,
        *,
        rotation: float = 0.0,
        shear: float = 0.0,
        zoom: float = 0.0,
        flip: bool = False,
        seed: int = 1,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, **kwargs)
        self.amounts = {"rotation": rotation, "shear": shear, "zoom": zoom, "flip": flip}

    def get_random_transformation_batch(self, batch_size, images=None, labels=None, **_):
        if labels is None:
            labels = self._random_generator.uniform((batch_size, affine.DRAWS), -1.0, 1.0)
        height, width = tf.unstack(tf.cast(tf.shape(images)[1:3], "float32"))
        return affine.transformations(labels, height, width, **self.amounts)  # (B, 8)

    def augment_images(self, images, transformations, **_):
        return self._resampled(images, transformations, "NEAREST", "BILINEAR")

    def augment_segmentation_masks(self, segmentation_masks, transformations, **_):
        return self._resampled(segmentation_masks, transformations, "CONSTANT", "NEAREST")

    def augment_labels(self, labels, transformations, **_):  # noqa: ARG002, keras-cv's signature
        return labels

    def _resampled(self, images, transformations, fill_mode: str, interpolation: str):
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=transformations,
            output_shape=tf.shape(images)[1:3],
            fill_value=0.0,
            fill_mode=fill_mode,
            interpolation=interpolation,
        )

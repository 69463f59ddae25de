"""Artifacts of cells as bytes: weights, class means and metrics. Equal numbers give equal bytes."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ncsweep_torch.collapse.class_means import ClassMeans, Means
from ncsweep_torch.data.dataset import BadDataError
from ncsweep_torch.evaluate.measure import MetricLine

WEIGHTS_FILE = "weights.safetensors"
MOMENTUM_FILE = "optimizer.safetensors"
MEANS_FILE = "means.safetensors"
# Which examples stand against an attack of several stages: float32 [N], 1 or 0.
STANDING_FILE = "standing.safetensors"
METRICS_FILE = "metrics.parquet"

_SCHEMA = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("layer", "pooling", "labels", "metric")]
    + [pa.field(name, pa.int32(), nullable=False) for name in ("row", "col")]
    + [pa.field("value", pa.float64(), nullable=False)]
)


def encode_metrics(lines: Sequence[MetricLine]) -> bytes:
    """metrics.parquet, one row a line."""
    records = [line.record for line in lines]
    columns = [
        *([line[i] for line in lines] for i in range(3)),
        [record.metric for record in records],
        [record.row for record in records],
        [record.col for record in records],
        [record.value for record in records],
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA), out, compression="snappy", store_schema=False)
    return out.getvalue()


def encode_means(means: Mapping[str, ClassMeans]) -> bytes:
    """Float64 [K,d] per view, named `<layer>/<pooling>`."""
    return save_arrays({name: np.ascontiguousarray(each.means) for name, each in means.items()})


def decode_means(content: bytes) -> dict[str, Means]:
    """Raises BadDataError."""
    try:
        return {name: array.astype(np.float64) for name, array in load_arrays(content).items()}
    except SafetensorError as error:
        raise BadDataError(f"{MEANS_FILE}: {error}; expected a safetensors file") from error


def encode_tensors(tensors: Mapping[str, Tensor]) -> bytes:
    """Weights or momentum, float32 in PyTorch's layouts. Raises BadDataError for whole numbers that float32 cannot hold."""
    return save_tensors({name: _as_float32(name, tensor.detach().cpu()) for name, tensor in tensors.items()})


def _as_float32(name: str, tensor: Tensor) -> Tensor:
    floats = tensor.to(torch.float32).contiguous()
    if not tensor.is_floating_point() and not torch.equal(floats.to(tensor.dtype), tensor):
        raise BadDataError(f"the buffer {name} holds whole numbers above 2^24, which {WEIGHTS_FILE} cannot hold")
    return floats


def decode_tensors(content: bytes, place: str) -> dict[str, Tensor]:
    """`place` names the file in errors. Raises BadDataError."""
    try:
        return load_tensors(content)
    except SafetensorError as error:
        raise BadDataError(f"{place}: {error}; expected a safetensors file. Fetch or save it again") from error

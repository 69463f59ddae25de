"""ncsweep's architectures as PyTorch modules: `load_state_dict` takes the weights of a snapshot (docs/weights.md).

Images are [B,C,H,W] in [0,1]; normalisation is part of the forward pass.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Normalise(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = torch.tensor(mean, dtype=torch.float64).view(1, -1, 1, 1)
        self.std = torch.tensor(std, dtype=torch.float64).view(1, -1, 1, 1)

    def forward(self, x):
        return (x - self.mean.to(x)) / self.std.to(x)


class Network(nn.Module):
    """Records each layer's features in `self.layers` as it runs. `mean` and `std` are the dataset's, one entry per channel."""

    def __init__(self, activation, mean, std):
        super().__init__()
        self.normalise = Normalise(mean, std)
        self.act = activation
        self.layers = {}

    def tap(self, name, x):
        self.layers[name] = x
        return x


def conv3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class Mlp(Network):
    def __init__(self, width, depth, pixels, classes, activation=F.relu, **normalisation):
        super().__init__(activation, **normalisation)
        for i in range(1, depth + 1):
            setattr(self, f"fc{i}", nn.Linear(pixels if i == 1 else width, width))
        self.depth = depth
        self.classifier = nn.Linear(width, classes)

    def forward(self, x):
        # ncsweep flattens height, width, channels in this order.
        x = self.normalise(x).permute(0, 2, 3, 1).flatten(1)
        for i in range(1, self.depth + 1):
            x = self.tap(f"fc{i}", self.act(getattr(self, f"fc{i}")(x)))
        return self.classifier(x)


class Convnet(Network):
    def __init__(self, width, depth, classes, channels=3, activation=F.relu, **normalisation):
        super().__init__(activation, **normalisation)
        sizes = [channels] + [width * min(4, 2**i) for i in range(depth)]
        for i in range(1, depth + 1):
            setattr(self, f"conv{i}", conv3(sizes[i - 1], sizes[i], 2 if i in (2, 3) else 1))
            setattr(self, f"bn{i}", nn.BatchNorm2d(sizes[i]))
        self.depth = depth
        self.classifier = nn.Linear(sizes[-1], classes)

    def forward(self, x):
        x = self.normalise(x)
        for i in range(1, self.depth + 1):
            x = self.tap(f"conv{i}", self.act(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x))))
        return self.classifier(self.tap("gap", x.mean((2, 3))))


class Vgg11(Network):
    def __init__(self, width, classes, channels=3, activation=F.relu, **normalisation):
        super().__init__(activation, **normalisation)
        sizes = [channels] + [width * m for m in (1, 2, 4, 4, 8, 8, 8, 8)]
        for i in range(1, 9):
            setattr(self, f"conv{i}", conv3(sizes[i - 1], sizes[i]))
            setattr(self, f"bn{i}", nn.BatchNorm2d(sizes[i]))
        self.classifier = nn.Linear(sizes[-1], classes)

    def forward(self, x):
        x = self.normalise(x)
        for i in range(1, 9):
            x = self.tap(f"conv{i}", self.act(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x))))
            if i in (1, 2, 4, 6):
                x = F.max_pool2d(x, 2)
        return self.classifier(self.tap("features", x.mean((2, 3))))


class Block(nn.Module):
    def __init__(self, activation, inputs, outputs):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.act = activation
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv3(inputs, outputs, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), conv3(outputs, outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, 2, bias=False) if stride == 2 else None

    def forward(self, x):
        opened = self.act(self.bn1(x))
        body = self.conv2(self.act(self.bn2(self.conv1(opened))))
        return body + (self.shortcut(opened) if self.shortcut else x)


class PreactResnet18(Network):
    def __init__(self, width, classes, channels=3, activation=F.relu, **normalisation):
        super().__init__(activation, **normalisation)
        self.conv1 = conv3(channels, width)
        inputs = width
        for i in range(1, 9):
            outputs = width * 2 ** ((i - 1) // 2)
            setattr(self, f"block{i}", Block(activation, inputs, outputs))
            inputs = outputs
        self.bn = nn.BatchNorm2d(inputs)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.tap("conv1", self.conv1(self.normalise(x)))
        for i in range(1, 9):
            x = self.tap(f"block{i}", getattr(self, f"block{i}")(x))
        return self.classifier(self.tap("gap", self.act(self.bn(x)).mean((2, 3))))

"""Networks: a function gets the number of classes and the shape [C,H,W] of an image, and returns a torch.nn.Module."""

import torch
from torch import nn


class ResNet(nn.Module):
    """A stem and one residual block, whose last convolution halves the sides."""

    def __init__(self, channels: int, width: int, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True))
        self.block = nn.Sequential(nn.Conv2d(width, width, 3, 2, padding=1, bias=False), nn.BatchNorm2d(width))
        self.shortcut = nn.Conv2d(width, width, 1, 2)
        self.fc = nn.Linear(width, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)
        x = torch.relu(self.block(x) + self.shortcut(x)).mean((2, 3))
        return self.fc(x)


def resnet(classes: int, image: tuple[int, int, int], width: int) -> nn.Module:
    return ResNet(image[0], width, classes)

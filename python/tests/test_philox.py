import json

import torch
from conftest import FIXTURES

from ncsweep_torch.philox import RandomKey, draw_bytes, normals, permutation, philox, random_key, uniforms


def block(counter: tuple[int, int, int, int], key: tuple[int, int]) -> list[str]:
    c0, c1, c2, c3 = (torch.tensor(word) for word in counter)
    return [f"{int(word):08x}" for word in philox((c0, c1, c2, c3), RandomKey(*key))]


def test_published_known_answers_of_philox() -> None:
    ones = 0xFFFFFFFF
    assert block((0, 0, 0, 0), (0, 0)) == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]
    assert block((ones, ones, ones, ones), (ones, ones)) == ["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"]
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    assert block(pi, (0xA4093822, 0x299F31D0)) == ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"]


def test_draws_have_the_bits_of_the_typescript_program() -> None:
    for each in json.loads((FIXTURES / "draws.json").read_text()):
        count = len(each["uniform"]) // 8
        for what, amount in (("uniform", count), ("normal", count), ("permutation", len(each["permutation"]) // 8)):
            draws = draw_bytes(what, each["seed"], each["purpose"], each["index"], amount)
            assert draws.hex() == each[what], (what, each["purpose"])


def test_draws_do_not_depend_on_the_batch_or_on_how_many_are_asked_for() -> None:
    key = random_key(3, "test")
    indices = torch.tensor([5, 0, 2**33])
    for draw in (uniforms, normals):
        together = draw(key, indices, 11)
        for row, index in zip(together, indices, strict=True):
            assert torch.equal(row[:7], draw(key, index.view(1), 7)[0])


def test_a_permutation_holds_every_index_once() -> None:
    for count in (0, 1, 2, 57):
        assert sorted(permutation(random_key(1, "order"), count).tolist()) == list(range(count))

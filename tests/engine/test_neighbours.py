"""The search for neighbours, compared with the comparison of every query with every place."""

import pytest
import torch
from torch.nn.functional import cosine_similarity, normalize

from styletransfer.engine import neighbours
from styletransfer.engine.neighbours import by_shares, nearest, principal_axes

KIND = torch.float64


def drawn(*size, seed=0):
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed), dtype=KIND)


def smooth(height, width, dimensions=8, seed=0):
    """Vectors (height, width, D) of length 1 that change slowly from place to place, as features do."""
    coarse = drawn(1, dimensions, -(-height // 8) + 1, -(-width // 8) + 1, seed=seed)
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    return normalize(fine[0].permute(1, 2, 0), dim=2)


def exhaustive(queries, places):
    """Every query with every place, one after the other."""
    rows = places.flatten(0, 1)
    found = [cosine_similarity(query[None], rows).max(0) for query in queries]
    return torch.stack([each.values for each in found]), torch.stack([each.indices for each in found])


@pytest.mark.parametrize("size", [(9, 13), (1, 20), (20, 1), (1, 1)], ids=str)
def test_where_nothing_is_left_out_it_is_the_exhaustive_search(size):
    queries, places = drawn(50, 8), normalize(drawn(*size, 8, seed=1), dim=2)
    similarity, number = nearest(queries, places)
    expected, which = exhaustive(queries, places)
    assert torch.equal(number, which)
    assert torch.allclose(similarity, expected)


def test_places_are_numbered_row_by_row():
    places = normalize(drawn(5, 7, 8), dim=2)
    similarity, number = nearest(places[3, 2][None] * 4, places)
    assert number.item() == 3 * 7 + 2
    assert similarity.item() == pytest.approx(1)


@pytest.mark.parametrize(("most", "share"), [(10_000, 1.0), (400, 0.9), (100, 0.7)])
def test_every_place_finds_itself(monkeypatch, most, share):
    """Most do where places are left out at first: what changes slowly leads the search to them."""
    monkeypatch.setattr(neighbours, "_MOST_COMPARED", most)
    places = smooth(33, 47)
    similarity, number = nearest(places.flatten(0, 1), places)
    own = number == torch.arange(33 * 47)
    assert own.double().mean() >= share
    assert torch.allclose(similarity[own], torch.ones(1, dtype=KIND))


@pytest.mark.parametrize(("most", "same", "near"), [(400, 0.8, 0.95), (200, 0.6, 0.8)])
def test_where_places_are_left_out_most_queries_find_the_same_or_nearly_as_near(
    monkeypatch, most, same, near
):
    monkeypatch.setattr(neighbours, "_MOST_COMPARED", most)
    queries, places = smooth(30, 30, seed=1).flatten(0, 1), smooth(37, 41)
    similarity, number = nearest(queries, places)
    expected, which = exhaustive(queries, places)
    assert (number == which).double().mean() > same
    assert (similarity > 0.95 * expected).double().mean() > near
    assert (similarity <= expected + 1e-12).all()
    rows = places.flatten(0, 1)
    assert torch.allclose(similarity, cosine_similarity(queries, rows[number]))


@pytest.mark.parametrize("size", [(300, 2), (2, 300), (1, 300)], ids=str)
def test_long_strips_of_places_are_searched_too(monkeypatch, size):
    monkeypatch.setattr(neighbours, "_MOST_COMPARED", 40)
    places = smooth(*size)
    queries = places.flatten(0, 1)
    similarity, number = nearest(queries, places)
    assert torch.allclose(similarity, cosine_similarity(queries, queries[number]))
    assert similarity.mean() > 0.85


@pytest.mark.parametrize("most", [10_000, 100])
@pytest.mark.parametrize("at_once", [1, 500, 5000])
def test_the_pieces_in_which_it_is_computed_do_not_matter(monkeypatch, most, at_once):
    monkeypatch.setattr(neighbours, "_MOST_COMPARED", most)
    queries, places = drawn(83, 8, seed=1), smooth(23, 31)
    expected = nearest(queries, places)
    monkeypatch.setattr(neighbours, "_AT_ONCE", at_once)
    similarity, number = nearest(queries, places)
    assert torch.equal(number, expected[1])
    assert torch.allclose(similarity, expected[0])


def test_the_length_of_a_query_does_not_matter():
    queries, places = drawn(50, 8), normalize(drawn(9, 13, 8, seed=1), dim=2)
    assert torch.equal(nearest(queries, places)[1], nearest(queries * 1000, places)[1])


def test_a_query_of_zeros_has_a_neighbour_too():
    similarity, number = nearest(torch.zeros(3, 8, dtype=KIND), smooth(5, 6))
    assert (similarity == 0).all()
    assert ((number >= 0) & (number < 30)).all()


def shares_of(chosen, styles):
    return [(chosen == number).double().mean().item() for number in range(styles)]


@pytest.mark.parametrize(
    "shares", [(0.75, 0.25), (0.25, 0.75), (0.5, 0.3, 0.2), (0.01, 0.99), (0.1, 0.2, 0.3, 0.4)], ids=str
)
@pytest.mark.parametrize("ahead", [0.0, 3.0], ids=["alike", "one never wins"])
def test_every_style_gets_its_share(shares, ahead):
    similarities = [drawn(4000, seed=number) for number in range(len(shares))]
    similarities[0] = similarities[0] + 10 * ahead  # by itself it would get every query, or its part
    found = shares_of(by_shares(similarities, shares), len(shares))
    assert found == pytest.approx(list(shares), abs=0.01)


def test_each_style_gets_the_queries_that_look_most_like_it():
    first, second = torch.linspace(0, 1, 100, dtype=KIND), torch.full((100,), 0.9, dtype=KIND)
    chosen = by_shares([first, second], (0.25, 0.75))
    assert shares_of(chosen, 2) == pytest.approx([0.25, 0.75], abs=0.011)
    assert chosen[first > 0.8].eq(0).all()
    assert chosen[first < 0.7].eq(1).all()


def test_one_style_gets_every_query():
    assert (by_shares([drawn(9)], (1.0,)) == 0).all()


def test_equal_styles_are_shared_out_too():
    for similarity in (drawn(1000), torch.zeros(1000)):
        found = shares_of(by_shares([similarity, similarity], (0.5, 0.5)), 2)
        assert found == pytest.approx([0.5, 0.5], abs=0.01)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_as_few_queries_as_styles_or_fewer_are_no_trouble(number):
    chosen = by_shares([drawn(number, seed=seed) for seed in range(3)], (0.2, 0.3, 0.5))
    assert chosen.shape == (number,)
    assert ((chosen >= 0) & (chosen < 3)).all()


def test_principal_axes_are_orthonormal_and_keep_the_most_variance():
    vectors = drawn(500, 12) * torch.linspace(0.1, 3, 12, dtype=KIND)
    vectors = vectors - vectors.mean(0)
    axes = principal_axes(vectors, 4)
    assert axes.shape == (12, 4)
    assert torch.allclose(axes.T @ axes, torch.eye(4, dtype=KIND), atol=1e-12)
    _, singular, _ = torch.linalg.svd(vectors)
    assert (vectors @ axes).square().sum().item() == pytest.approx(singular[:4].square().sum().item())


def test_as_many_axes_as_channels_keep_every_distance():
    vectors = drawn(50, 6)
    vectors = vectors - vectors.mean(0)
    axes = principal_axes(vectors, 64)
    assert axes.shape == (6, 6)
    products = (vectors @ axes) @ (vectors @ axes).T
    assert torch.allclose(products, vectors @ vectors.T, atol=1e-12)


def test_vectors_that_do_not_vary_have_axes():
    axes = principal_axes(torch.zeros(10, 6), 4)
    assert axes.dtype == torch.float32
    assert axes.isfinite().all()


def test_a_search_that_begins_in_float16_finds_the_same_or_as_near():
    places = smooth(45, 51).float()  # three blocks
    queries = smooth(20, 30, seed=5).flatten(0, 1).float()
    exact, expected = nearest(queries, places)
    found, numbers = nearest(queries, places, torch.float16)
    assert (exact - found).abs().max() < 1e-3  # 11 bits
    assert torch.allclose(found, (queries * places.flatten(0, 1)[numbers]).sum(1), atol=1e-6)
    assert (numbers == expected).float().mean() > 0.9


def test_of_places_that_float16_cannot_tell_apart_the_nearest_block_wins():
    places = normalize(drawn(30, 50, 8).float(), dim=2)
    flat = places.flatten(0, 1)
    flat[1400] = normalize(flat[7] + 5e-3, dim=0)  # in another block; 11 bits do not tell them apart
    query = flat[1400][None].clone()
    assert (query.half() @ flat.half().T).argmax() == 7
    assert nearest(query, places, torch.float16)[1].item() == 1400

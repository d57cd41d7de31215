"""T5: pages that are compressed give nothing away: not to a stranger's page, and nothing of the form token."""

import base64
import re


def unmasked(token: str) -> bytes:
    both = base64.urlsafe_b64decode(token)
    mask, masked = both[: len(both) // 2], both[len(both) // 2 :]
    return bytes(one ^ other for one, other in zip(mask, masked, strict=True))


def tokens_of(page: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', page))


def test_t5_the_token_is_another_in_each_answer_and_every_one_of_them_is_accepted(alice) -> None:
    pages = [alice.get("/import").text, alice.get("/import").text, alice.htmx_get("/applications").text]
    tokens = [token for page in pages for token in tokens_of(page)]
    tokens.append(alice.client.post("/applications").headers["X-CSRF-Token"])

    halves = {half for token in tokens for half in (token[: len(token) // 2], token[len(token) // 2 :])}
    [secret] = {unmasked(token) for token in tokens}

    assert len(tokens) == 4
    assert len(halves) == 8
    assert not any(base64.urlsafe_b64encode(secret).decode() in page for page in pages)
    for token in tokens:
        fields = {"company": "x", "title": token, "csrf_token": token}
        assert alice.client.post("/applications", data=fields).status_code == 303


def test_t5_the_secret_behind_the_token_is_accepted_only_with_its_mask(alice) -> None:
    secret = unmasked(alice.token("/import"))
    plain, zeros = (base64.urlsafe_b64encode(value).decode() for value in (secret, bytes(len(secret))))

    for token in (plain, zeros, zeros + zeros, zeros + plain[:-4], zeros + plain + "AAAA", "=" * 64, "ø" * 64):
        fields = {"company": "x", "title": "y", "csrf_token": token}
        assert alice.client.post("/applications", data=fields).status_code == 403, token

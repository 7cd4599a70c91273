"""Posts as JSON."""

from __future__ import annotations

from uuid import uuid4

import pytest

POSTS = "/demo/api/posts"
NEW = {"title": "Tea", "content": "Green", "author": "Ada", "status": "PUBLISHED"}


async def test_a_post_is_created_and_read(api):
    created = await api.post(POSTS, json=NEW)
    assert created.status_code == 201
    body = created.json()
    assert created.headers["location"] == f"{POSTS}/{body['id']}"
    assert {**NEW, "author": body["author"]["name"]} == {name: body[name] for name in NEW} | {"author": "Ada"}
    assert (await api.get(created.headers["location"])).json() == body


async def test_only_title_and_author_are_required(api):
    body = (await api.post(POSTS, json={"title": "Tea", "author": "Ada"})).json()
    assert (body["content"], body["status"]) == (None, "DRAFT")


async def test_the_list_is_paged_newest_first(api):
    for number in range(5):
        await api.post(POSTS, json={**NEW, "title": f"Post {number}"})
    body = (await api.get(POSTS, params={"page": 2, "size": 2})).json()
    assert [item["title"] for item in body["items"]] == ["Post 2", "Post 1"]
    assert {name: body[name] for name in ("page", "size", "pages", "total")} == {
        "page": 2,
        "size": 2,
        "pages": 3,
        "total": 5,
    }
    assert (await api.get(POSTS, params={"page": 9, "size": 2})).json()["items"] == []


async def test_an_empty_list_has_one_page(api):
    assert (await api.get(POSTS)).json() == {"items": [], "page": 1, "size": 20, "pages": 1, "total": 0}


async def test_fields_are_changed_one_by_one(api):
    post = (await api.post(POSTS, json=NEW)).json()
    changed = await api.patch(f"{POSTS}/{post['id']}", json={"status": "ARCHIVED", "author": "Grace"})
    assert changed.status_code == 200
    assert changed.json()["author"]["name"] == "Grace"
    assert (await api.get(f"{POSTS}/{post['id']}")).json() == changed.json()
    assert changed.json() == {
        **post,
        "status": "ARCHIVED",
        "author": changed.json()["author"],
        "updated_at": changed.json()["updated_at"],
    }


async def test_a_post_is_deleted_once(api):
    post = (await api.post(POSTS, json=NEW)).json()
    first = await api.delete(f"{POSTS}/{post['id']}")
    second = await api.delete(f"{POSTS}/{post['id']}")
    assert (first.status_code, first.content, second.status_code) == (204, b"", 404)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"title": "Tea"}), ("DELETE", None)])
async def test_an_unknown_post_is_not_found_and_a_wrong_id_not_understood(api, method, body):
    unknown = await api.request(method, f"{POSTS}/{uuid4()}", json=body)
    wrong = await api.request(method, f"{POSTS}/no-uuid", json=body)
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "There is no such post."})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["path", "post_id"])


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ["body", "title"]),
        ({**NEW, "title": ""}, ["body", "title"]),
        ({**NEW, "title": "x" * 201}, ["body", "title"]),
        ({**NEW, "title": 7}, ["body", "title"]),
        ({**NEW, "author": None}, ["body", "author"]),
        ({**NEW, "status": "LOST"}, ["body", "status"]),
        ({**NEW, "content": "\0"}, ["body", "content"]),
        ({**NEW, "colour": "green"}, ["body", "colour"]),
    ],
)
async def test_invalid_input_names_its_place(api, body, place):
    answer = await api.post(POSTS, json=body)
    assert answer.status_code == 422
    assert place in [problem["loc"] for problem in answer.json()["detail"]]
    assert (await api.get(POSTS)).json()["total"] == 0


@pytest.mark.parametrize("query", ["page=0", "page=x", "size=0", "size=101", "page=99999999999999999999"])
async def test_a_wrong_page_is_not_understood(api, query):
    assert (await api.get(f"{POSTS}?{query}")).status_code == 422


async def test_json_from_a_form_of_another_site_is_refused(api):
    body = '{"title": "Tea", "author": "Ada", "x": "="}'
    answer = await api.post(POSTS, content=body, headers={"content-type": "text/plain"})
    assert answer.status_code == 403
    assert (await api.get(POSTS)).json()["total"] == 0


async def test_the_api_is_described(api):
    description = (await api.get("/openapi.json")).json()
    assert set(description["paths"][POSTS]) == {"get", "post"}
    assert set(description["paths"][POSTS + "/{post_id}"]) == {"get", "patch", "delete"}
    assert "/demo/posts" not in description["paths"]
    models = description["components"]["schemas"]
    assert {"PostInput", "PostChanges", "PostOut", "PostList", "AuthorOut"} <= set(models)
    assert models["PostInput"]["properties"]["title"]["maxLength"] == 200
    assert set(models["PostInput"]["required"]) == {"title", "author"}
    assert "required" not in models["PostChanges"]

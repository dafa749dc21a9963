"""Uploads a file with tuspy: `tus_upload.py URL TOKEN FILE SHA256 [LOCATION]`.

Without a location it begins, sends one chunk and prints the location; with one it goes on to the end.
"""

import sys

from tusclient import client

url, token, path, sha256, *location = sys.argv[1:]
tus = client.TusClient(url, headers={"Authorization": f"Bearer {token}"})
uploader = tus.uploader(
    path,
    url=location[0] if location else None,
    chunk_size=100_000,
    metadata={"sha256": sha256, "filetype": "image/jpeg"},
    upload_checksum=True,
)
if location:
    print(uploader.offset)
    uploader.upload()
else:
    uploader.upload_chunk()
    print(uploader.url)

"""Says what `mass bundle publish` would push, without pushing anything."""

import sys

from bundle import ROOT, manifest, shipped, step

PLACEHOLDER = "registry.example.com/"


def main():
    document, paths = manifest(), shipped()
    image = step(document)["provisioner"]
    size = sum((ROOT / path).stat().st_size for path in paths)
    print(f"`mass bundle publish` would push {document['name']} {document['version']}, {len(paths)} files, {size / 1000:.0f} kB:")
    for path in paths:
        if "/" not in path:
            print(f"  {path}")
    folders = sorted({path.split("/")[0] for path in paths if "/" in path})
    for folder in folders:
        print(f"  {folder}/ ({sum(path.startswith(folder + '/') for path in paths)} files)")
    print(f"Deployments would run the image {image}, which has to be pushed first (`make image` builds it).")
    if image.startswith(PLACEHOLDER):
        print("massdriver.yaml names no registry of yours yet: change `provisioner` there before you publish.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A dict that several processes share through a server: `Manager().dict()`."""

from multiprocessing import Manager, Process


# ANCHOR: set_depth
def set_depth(settings):
    settings["depth"] = 3


def main():
    with Manager() as manager:
        settings = manager.dict()
        child = Process(target=set_depth, args=(settings,))
        child.start()
        child.join()
        print(f"depth is {settings['depth']}")
# ANCHOR_END: set_depth


if __name__ == "__main__":
    main()

"""Results of a pool one by one, as they come: `imap_unordered`."""

from multiprocessing import Pool


# ANCHOR: square
def square(n):
    return n * n


def main():
    with Pool(2) as pool:
        total = 0
        for result in pool.imap_unordered(square, range(1, 5)):
            total += result
        print(f"The sum of the squares is {total}")
        print(f"In order: {list(pool.imap(square, range(1, 5)))}")
# ANCHOR_END: square


if __name__ == "__main__":
    main()

"""The same on threads: `multiprocessing.pool.ThreadPool`."""

from multiprocessing import Pool
from multiprocessing.pool import ThreadPool

count = 0


# ANCHOR: main
def square(n):
    return n * n


def count_up(n):
    global count
    count += n


def main():
    with ThreadPool(4) as threads:
        tasks = [threads.apply_async(square, (i,)) for i in range(5)]
        total = sum(task.get() for task in tasks)
        print(f"Five tasks, the sum of their squares: {total}")
        print(f"In order: {threads.map(square, range(10))}")
        threads.map(count_up, [1] * 5)
    print(f"Five threads' tasks count: {count}")
    with Pool(2) as processes:
        processes.map(count_up, [1] * 5)
    print(f"Five more in processes: {count} here")
# ANCHOR_END: main


if __name__ == "__main__":
    main()

"""What `balance = balance + n` is made of."""
import dis

balance = 0


def change_it(n):
    global balance
    balance = balance + n


names = [step.opname for step in dis.get_instructions(change_it)]
first, last = names.index("LOAD_GLOBAL"), names.index("STORE_GLOBAL")
steps = names[first:last + 1]
assert len(steps) == 4, steps
print(", ".join(steps))

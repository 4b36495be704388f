"""The `print` of Python 2, and how today's one writes a line."""


class Paper:
    def __init__(self):
        self.writes = []

    def write(self, text):
        self.writes.append(text)


try:
    compile("print a", "a program of 2017", "exec")
except SyntaxError:
    print("`print a` is a SyntaxError")
paper = Paper()
print("a line", file=paper)
print("print(...) writes a line in", len(paper.writes), "pieces")

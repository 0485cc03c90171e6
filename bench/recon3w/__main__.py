"""Problems for any matcher, and scores of any answer.

python -m bench.recon3w make R1 medium 11 20000 FOLDER     left.csv, right.csv, rules.toml, the truth
python -m bench.recon3w score FOLDER ANSWER                what matches.csv and cases.csv in ANSWER are worth
"""

import argparse
import sys
from pathlib import Path

from bench.recon3w import page, regimes, score, truth


def main(arguments: list[str]) -> int:
    """Makes a problem or scores an answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    make.add_argument("regime", choices=regimes.REGIMES)
    make.add_argument("difficulty", choices=regimes.DIFFICULTIES)
    make.add_argument("seed", type=int)
    make.add_argument("items", type=int)
    make.add_argument("folder", type=Path)
    judge = commands.add_parser("score")
    judge.add_argument("folder", type=Path)
    judge.add_argument("answer", type=Path)
    judge.add_argument("--worst", type=int, default=12, help="how many kinds of wrong disposition to show")
    commands.add_parser("page")
    commands.add_parser("hashes")
    options = parser.parse_args(arguments)
    if options.command in ("page", "hashes"):
        (page.write if options.command == "page" else page.write_hashes)()
        return 0
    if options.command == "make":
        regimes.make(options.regime, options.difficulty, options.seed, options.items).write(options.folder)
        return 0
    tell(score.judge(truth.read(options.folder), score.read(options.answer)), options.worst)
    return 0


def tell(found: score.Score, worst: int) -> None:
    """Prints a score, and what was said wrongly most often."""
    shares = ("accuracy", "accuracy_bound", "precision", "recall", "f1", "false_money", "money_recall", "coverage")
    for name in (*shares, "wrong_silence", "noise", "macro_f1"):
        print(f"{name:16} {100 * getattr(found, name):9.4f} %")
    print(f"{'review_per_1000':16} {found.review_per_1000:9.1f}")
    print(f"{'rows':16} {found.items:9,}, {found.lost} of them in no file of the answer")
    for name, (count, right) in found.by_pass.items():
        print(f"pass {name}: {right:,} of {count:,} right")
    for (cause, told), count in found.wrong.most_common(worst):
        print(f"{count:7,} {cause}: said {told}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

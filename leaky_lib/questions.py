"""Predict-first questions: a choice, and an answer to each choice, the wrong ones above all.

The first choice of each question is the prediction. The kernel remembers it until it is restarted, and
`predictions` sets it against what was found.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill

import ipywidgets as widgets
import traitlets

from leaky_lib import page
from leaky_lib.arguments import name_among
from leaky_lib.tables import Table

__all__ = ["QUESTIONS", "Predictions", "Question", "QuestionBox", "ask", "predictions"]


@dataclass(frozen=True)
class Question:
    """A question, a reply to every choice, and which choice is right."""

    prompt: str
    replies: Mapping[str, str]
    right: str

    def __str__(self) -> str:
        lines = [fill(self.prompt, 96), *(f"  ( ) {choice}" for choice in self.replies)]
        return "\n".join(lines)


class Memory(traitlets.HasTraits):
    """What was asked so far, in order, and what was chosen first; None where nothing was."""

    first = traitlets.Dict()

    def note(self, name: str, choice: str | None = None) -> None:
        """Keep the first choice of a question; later ones change nothing."""
        if self.first.get(name) is None:
            self.first = {**self.first, name: choice}


MEMORY = Memory()
"""That of this kernel."""


class QuestionBox(widgets.VBox):
    """A question with a button to choose each answer; replies as soon as one is chosen.

    Asked again, it stands where the first choice was.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.question = question = QUESTIONS[name]
        prompt = widgets.HTML(
            f'<div style="line-height: 1.4"><b>Predict.</b> {html.escape(question.prompt)}</div>',
            layout={"max_width": "820px"},
        )
        self.choices = widgets.RadioButtons(
            options=list(question.replies),
            value=None,
            layout={"width": "auto"},
            description="your prediction",
            style={"description_width": "initial"},
        )
        self.answer = widgets.HTML(layout={"min_height": "3.2em", "max_width": "820px"})
        self.answer.add_class("leaky-answer")
        self.choices.observe(self._chosen, "value")
        super().__init__([prompt, self.choices, self.answer, page.arrows_kept()])
        self.add_class("leaky-question")
        MEMORY.note(name)
        self.choices.value = MEMORY.first[name]

    def _chosen(self, change: dict) -> None:
        choice = change["new"]
        if choice is None:
            return
        MEMORY.note(self.name, choice)
        verdict = "That is it." if choice == self.question.right else "Not so."
        reply = html.escape(self.question.replies[choice])
        self.answer.value = f'<div role="status" style="line-height: 1.4"><b>{verdict}</b> {reply}</div>'

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": str(self.question)}


def ask(name: str) -> QuestionBox:
    """Ask the question called ``name``.

    Raises
    ------
    ValueError
        If there is no question of that name.
    """
    return QuestionBox(name_among("question", name, QUESTIONS))


def predictions() -> "Predictions":
    """Set what was predicted first, question by question, against what was found."""
    return Predictions()


class Predictions(widgets.HTML):
    """A table of all questions asked in this notebook; it follows the answers, also later ones."""

    COLUMNS = ("question", "you predicted", "found", "agree")

    def __init__(self) -> None:
        super().__init__(layout={"max_width": "980px"})
        self.add_class("leaky-predictions")
        MEMORY.observe(lambda _: self.show(), "first")
        self.show()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """A row per question, in the order in which they were asked."""
        asked = ((QUESTIONS[name], choice) for name, choice in MEMORY.first.items())
        return [
            (question.prompt, choice or "not answered", question.right, self._agree(question, choice))
            for question, choice in asked
        ]

    @staticmethod
    def _agree(question: Question, choice: str | None) -> str:
        if choice is None:
            return "–"
        return "yes" if choice == question.right else "no"

    def count(self) -> str:
        """How many were answered, and how many of them agreed."""
        agree = [row[-1] for row in self.rows()]
        answered = len(agree) - agree.count("–")
        return f"{answered} of {len(agree)} questions answered; {agree.count('yes')} as it was found."

    def show(self) -> None:
        """Bring the table up to date."""
        head = "".join(f'<th scope="col">{column}</th>' for column in self.COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        rules = (
            "<style>.leaky-predictions td, .leaky-predictions th {text-align: left; vertical-align: top; "
            "padding: 0.2em 0.9em 0.2em 0; line-height: 1.4; border-bottom: 1px solid #B8B8B8}</style>"
        )
        self.value = f"{rules}<table><tr>{head}</tr>{body}</table><p>{self.count()}</p>"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        table = Table(self.COLUMNS, tuple(self.rows()), wrap=True)
        still = {
            "text/markdown": f"{table._repr_markdown_()}\n\n{self.count()}",
            "text/plain": f"{table}\n\n{self.count()}",
        }
        return {**super()._repr_mimebundle_(**kwargs), **still}


QUESTIONS: Mapping[str, Question] = {
    # --- Notebook 01: the definition ---
    "bad_news": Question(
        "A neuron with Leaky ReLU and α = 0.01 has the pre-activation z = −3. What is its output?",
        {
            "0": "That is the output of ReLU. Leaky ReLU multiplies a negative z by α instead.",
            "−0.03": "One hundredth of z, with its sign.",
            "0.03": "The size is right, the sign is not: α times a negative number is negative.",
            "0.01": "0.01 is the slope. The output is the slope times z, 0.01 × (−3).",
            "−3": "That would be α = 1. With α = 0.01 one hundredth of it is left.",
        },
        right="−0.03",
    ),
    "maximum": Question(
        "max(z, αz) gives the same as the definition for α = 0.01. For which α does it not?",
        {
            "for none: they are the same formula": "Try z = −1 and α = 2: max(−1, −2) is −1, but αz is −2.",
            "for α > 1": "Above 1 the line αz lies below z on the negative side, so max returns z there; "
            "on the positive side it returns αz.",
            "for α < 0": "Try z = −1 and α = −0.5: max(−1, 0.5) is 0.5, which is αz. It is right for every "
            "α up to 1, negative ones too.",
            "for α = 0": "max(z, 0) is ReLU, as it should be for α = 0.",
        },
        right="for α > 1",
    ),
    "half_zero": Question(
        "A layer's pre-activations form a bell around 0. What share of its activations is exactly 0 "
        "under Leaky ReLU with α = 0.01?",
        {
            "about a half": "That is ReLU: every negative z becomes exactly 0. Here it becomes a small "
            "negative number.",
            "about 1 %": "α is a slope, not a share: every negative z is multiplied by it, none becomes 0.",
            "none": "A negative z times 0.01 is small, but not 0. Many are near 0, though: watch both "
            "numbers as you move α.",
        },
        right="none",
    ),
    # --- Notebook 02: the derivative ---
    "slope_left": Question(
        "Leaky ReLU with α = 0.01. What is its slope at z = −2?",
        {
            "−0.02": "That is its value there: 0.01 × (−2). The slope says how much the value changes "
            "when z changes by one.",
            "0": "That is ReLU's slope: it does not react to anything on the negative side.",
            "0.01": "Change z by one and the value changes by 0.01, anywhere on the negative side.",
            "−0.01": "Walk to the right and the curve rises, from −0.02 at −2 to −0.01 at −1: positive.",
        },
        right="0.01",
    ),
    "slope_at_zero": Question(
        "And at exactly z = 0?",
        {
            "0.01": "That is the slope to the left. To the right it is 1, and a derivative must be both.",
            "1": "That is the slope to the right. To the left it is 0.01, and a derivative must be both.",
            "0.505": "That is the mean of both sides, which is what a central difference reports. A line "
            "with this slope stays below the curve, but so does one of every slope from 0.01 to 1.",
            "there is none": "Left and right disagree, so there is no derivative. A program has to "
            "answer something all the same, and libraries answer differently.",
        },
        right="there is none",
    ),
    "faster": Question(
        "The z of a ReLU neuron is negative on every example. You raise the learning rate from 0.1 to "
        "1,000. What happens in the next step of gradient descent?",
        {
            "it recovers sooner": "A step is the learning rate times the gradient, and the gradient "
            "is exactly 0. A thousand times nothing is nothing.",
            "nothing": "The gradient is exactly 0, and 1,000 times 0 is 0. Nor would more steps "
            "or other targets move it.",
            "it diverges": "To diverge it would have to move. The gradient is exactly 0, so is the step.",
        },
        right="nothing",
    ),
    "paths": Question(
        "Ten layers, five of the pre-activations on the way are negative. What does Leaky ReLU with α = "
        "0.01 leave of a gradient?",
        {
            "5 %": "The factors multiply: 0.01 for each negative pre-activation, not 1 % off each time.",
            "one in ten billion": "0.01 × 0.01 × 0.01 × 0.01 × 0.01 is 1e-10. Not zero, and not much.",
            "0": "Zero is what ReLU leaves, and it takes one negative pre-activation, not five.",
            "about 1 %": "One negative pre-activation leaves 1 %. Each of the other four does so too.",
        },
        right="one in ten billion",
    ),
    # --- Notebook 03: the dying ReLU ---
    "one_step": Question(
        "A neuron with w = 2 and b = 0 is to learn y = x. Its gradient is 4.67 for w and 2 for b, and it "
        "takes one step at learning rate 1. Then the learning rate is set to 0.1, for good. What becomes "
        "of a ReLU neuron?",
        {
            "it overshoots, then finds its way": "It lands at w = −2.67, b = −2. There z is negative on "
            "every example, so there is no gradient to find a way by.",
            "it never learns again": "It lands where z is negative on all three examples. The gradient "
            "there is exactly 0, at every step from then on.",
            "it diverges": "To diverge, the next step would have to be larger still. It is 0.",
        },
        right="it never learns again",
    ),
    "collapse": Question(
        "100 ReLU networks, 2 units wide and 9 hidden layers deep, learn the function |x|. How many end "
        "with the same output for every x?",
        {
            "a few": "Wide networks would do so. Here each of nine layers has two units only, and both can "
            "be negative at once.",
            "about half": "It is worse. Nine layers in a row, each with two units only.",
            "more than 90": "Most of them are constant before the first step, and training cannot change "
            "that.",
        },
        right="more than 90",
    ),
    "leaky_rate": Question(
        "150 small networks train with a learning rate far too large. Twins share start and data; only "
        "α differs. What will α = 0.1 do, compared with ReLU?",
        {
            "prevent the deaths, and all is well": "It prevents deaths, but the step is still too large: "
            "now many networks diverge (grey in the picture below).",
            "fewer units never positive, but more networks that diverge": "Units that do not die "
            "keep passing gradients on, and the steps are too large. Death is exchanged for divergence.",
            "nothing, 0.1 is too small to matter": "It matters: the share of stuck units all but "
            "vanishes (in the table below). But look at the last column.",
        },
        right="fewer units never positive, but more networks that diverge",
    ),
    "digits_sane": Question(
        "Real handwritten digits, at a sound learning rate. How much more accurate are the Leaky ReLU "
        "networks than their ReLU twins?",
        {
            "several percentage points": "That is the story often told. Where few units die there is "
            "nothing to repair: the difference is a fraction of a point.",
            "no measurable difference": "Where hardly any unit dies, there is nothing to repair.",
            "they are clearly worse": "A leak costs nothing measurable here either.",
        },
        right="no measurable difference",
    ),
    "rescue": Question(
        "ReLU networks in which 60 % of the units are dead. At step 200 you change one thing, α from 0 "
        "to 0.01, and train on with Adam. What happens?",
        {
            "nothing, the dead stay dead": "They were dead because their slope was 0. Now it is 0.01, "
            "and a gradient, however small, arrives.",
            "most units come back within some dozens of steps": "Adam divides each gradient by its recent "
            "size, so that even a hundredth of one becomes a step of ordinary length.",
            "all come back at once": "A unit has to move until some example makes it positive. That "
            "takes steps.",
        },
        right="most units come back within some dozens of steps",
    ),
    # --- Notebook 04: choosing alpha ---
    "all_linear": Question(
        "A network with eight hidden layers and α = 1. How much can it learn that a network without "
        "hidden layers cannot?",
        {
            "a lot, it has eight layers": "With α = 1 nothing bends: nine matrices, one after the other, "
            "are one matrix. Multiply them and see.",
            "a little": "Not even that: a product of matrices is a matrix. Whatever it says, one layer "
            "could say.",
            "nothing": "A product of matrices is one matrix. The layers can change how it learns, but not "
            "what it can say: its borders are straight.",
        },
        right="nothing",
    ),
    "best_alpha": Question(
        "Digits, 8 hidden layers, learning rate 0.03: the linear network, α = 1, is ahead of ReLU, and "
        "0.5 even more. Now each slope gets the learning rate that is best for it. What becomes of the "
        "lead of the linear network?",
        {
            "it stays": "0.03 is too small for ReLU here. That is where the linear network's lead came "
            "from.",
            "it grows": "At 0.03 the linear network is near its best already; at larger learning rates it "
            "diverges, while ReLU goes on to gain.",
            "it is gone": "ReLU gains more than a point at a larger learning rate; the linear network has "
            "none better.",
        },
        right="it is gone",
    ),
    "other_data": Question(
        "And slopes near the linear end, on other data? Two hidden layers, moons after 800 steps and "
        "spirals after 400, each slope at its own learning rate: how does α = 0.8 compare with ReLU?",
        {
            "as good as ReLU": "On nearly linear data that is almost so. Moons and spirals need bends, and "
            "with 0.8 they are learned slowly.",
            "less than a point behind": "That is what digits would say. Moons and spirals need more bends "
            "than digits do.",
            "several points behind": "With 0.8 bends are learned slowly, and none of the learning rates "
            "tried makes up for it in this time. A sweep answers for its data, and for no other.",
        },
        right="several points behind",
    ),
    "wrong_gain": Question(
        "Fifty layers, weights drawn with the gain √2 that is right for ReLU. By what factor is the "
        "mean square of the signal off at the end, for α = 0.2?",
        {
            "it is right, α hardly matters": "For α = 0.01 that is so, 1.005. For 0.2 every layer adds 4 "
            "per cent, and fifty of them multiply.",
            "about 7": "Every layer multiplies it by 1 + α² = 1.04, and 1.04 to the power of 50 is 7.1.",
            "about 3": "Fifty times 4 per cent, added up, would be 2 more, and so 3. But they multiply.",
        },
        right="about 7",
    ),
    # --- Notebook 05: going deep ---
    "dead_channel": Question(
        "When is a channel of a convolutional ReLU layer dead?",
        {
            "when it is 0 on most pixels": "About half of all activations are 0 in a healthy ReLU network. "
            "One positive pixel in one image is enough to learn from.",
            "when it is not positive on any pixel of any training image": "All pixels of all images share "
            "its weights. Only when none of them passes a gradient, the channel cannot learn.",
            "when it is 0 on a whole image": "On the next image it may be positive, and learn from that.",
        },
        right="when it is not positive on any pixel of any training image",
    ),
    "deep_sane": Question(
        "Eight convolutions, real digits, Adam, 20 starts. Each slope takes its own best learning rate. "
        "What does α = 0.3 gain over ReLU?",
        {
            "ten points": "So much it gains where the learning rate is too large for ReLU. At its own "
            "learning rate ReLU loses few channels, and there is little to repair.",
            "a point or two, or nothing": "In the mean it is a point or two ahead here. With other "
            "starts the difference is not always clear.",
            "it loses": "Not after these 60 steps: in the mean it is a little ahead.",
        },
        right="a point or two, or nothing",
    ),
    "deep_normalised": Question(
        "The same networks at Adam 0.03, where ReLU loses about a fifth of its channels. Now every sum "
        "is normalised to mean 0 before the bias is added. What becomes of the dead channels?",
        {
            "as many as before": "A channel dies when all its sums are negative. Sums with mean 0 are not.",
            "hardly any": "Sums with mean 0 and variance 1 have positive ones among them, unless the bias "
            "pushes all of them down. Little is left for a leak to repair.",
            "ReLU's stay dead, the leak's do not": "A leaking channel is never dead. And ReLU's do not die "
            "here either.",
        },
        right="hardly any",
    ),
    # --- Notebook 06: limits ---
    "deeper_shift": Question(
        "Every layer shifts the mean of its units away from 0. What becomes of the shift, measured in "
        "spreads, in a plain ReLU network of ten layers?",
        {
            "it stays the same": "The next layer does not start from a centred bell: it multiplies numbers "
            "that all lean to one side.",
            "it grows": "The shift of one layer comes out of the next one as a part that is the same for "
            "all examples, and a new shift is added on top.",
            "it averages out": "Random weights of both signs turn the shift into one of random sign for "
            "each unit, but not into 0. Between examples less and less differs.",
        },
        right="it grows",
    ),
    "diverges_first": Question(
        "Twins at a learning rate that is turned up, step by step. Which are the first to diverge?",
        {
            "ReLU": "A ReLU unit that is thrown too far dies, and its gradient is 0.",
            "Leaky ReLU 0.3": "Both of its sides are unbounded. What is thrown too far comes back larger, "
            "and is thrown farther.",
            "all at once": "In ReLU networks units that are thrown too far die, in leaking ones they pass "
            "a large gradient on.",
        },
        right="Leaky ReLU 0.3",
    ),
    "fades": Question(
        "A unit sits at z = −10 on every example. Under which of these does a gradient worth the name "
        "reach it?",
        {
            "Leaky ReLU": "Its slope is α wherever z is negative, at −10 as at −0.1.",
            "ELU": "Its slope at z is e to the z: at −10 that is 0.00005.",
            "GELU": "At −10 its slope is less than 10⁻²⁰: added to anything else, it is lost.",
            "all of them": "Just below 0, yes, and even at −4 ELU still has more than 0.01. Move z to "
            "−10 and see who has one there.",
        },
        right="Leaky ReLU",
    ),
}
